// Saying how many of one unit another is, of one product alone where that differs; or taking it out.
import { Autocomplete, Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { ValueTable } from '../../api/types.ts'
import { Dialog } from '../../parts/dialog.tsx'
import type { Factor } from './asked.ts'
import { SaidForm } from './said-form.tsx'
import styles from './tables.module.css'

/** What is known already; the rest is asked. */
export type FactorSubject = Partial<Factor>

type Asked = { readonly table: ValueTable; readonly subject: FactorSubject; readonly onClose: () => void }

export const FactorDialog = ({
  table,
  subject,
  onClose,
}: {
  table: ValueTable | undefined
  subject: FactorSubject | undefined
  onClose: () => void
}) => (
  <Dialog
    title={`A factor of ${table?.table ?? 'the table'}`}
    opened={table !== undefined && subject !== undefined}
    onClose={onClose}
  >
    {table && subject && <FactorForm table={table} subject={subject} onClose={onClose} />}
  </Dialog>
)

function FactorForm({ table, subject, onClose }: Asked) {
  const isKnown = subject.is !== undefined
  const [unit, setUnit] = useState(subject.unit ?? '')
  const [of, setOf] = useState(subject.of ?? '')
  const [thing, setThing] = useState(subject.thing ?? '')
  const [is, setIs] = useState('')
  const [out, setOut] = useState(false)
  const named = { unit: unit.trim(), of: of.trim(), ...(thing.trim() !== '' && { thing: thing.trim() }) }
  const units = table.entries.map(one => one.value)
  return (
    <SaidForm
      table={table.table}
      part="factors"
      said={{ ...named, is: out ? null : is.trim() }}
      isWhole={named.unit !== '' && named.of !== '' && (out || is.trim() !== '')}
      takesOut={out ? factorWords({ ...named, is: subject.is ?? '' }) : undefined}
      also={({ was, is }) =>
        was !== null && is !== null && <li>It takes the place of {was}, which was said before.</li>
      }
      onClose={onClose}
    >
      {isKnown ? (
        <div className={styles.now}>
          Now:
          <span className={styles.word} data-out={out ? '' : undefined}>
            {factorWords({ ...named, is: subject.is ?? '' })}
            <Button size="compact-xs" variant="subtle" onClick={() => setOut(!out)}>
              {out ? 'Keep it' : 'Take out'}
            </Button>
          </span>
        </div>
      ) : (
        <div className={styles.factor}>
          <Autocomplete
            label="One"
            placeholder="dozen"
            required
            maxLength={200}
            data={units}
            value={unit}
            onChange={setUnit}
          />
          <TextInput
            label="of the product"
            placeholder="every product"
            maxLength={200}
            value={thing}
            onChange={event => setThing(event.currentTarget.value)}
          />
        </div>
      )}
      {!out && (
        <div className={styles.factor}>
          <TextInput
            label="is"
            placeholder="12"
            inputMode="decimal"
            required
            maxLength={40}
            value={is}
            data-autofocus
            onChange={event => setIs(event.currentTarget.value)}
          />
          {!isKnown && (
            <Autocomplete
              label="of the unit"
              placeholder="piece"
              required
              maxLength={200}
              data={units}
              value={of}
              onChange={setOf}
            />
          )}
        </div>
      )}
      {!isKnown && unit !== '' && of !== '' && (
        <Button
          size="compact-xs"
          variant="subtle"
          className={styles.turn}
          onClick={() => {
            setUnit(of)
            setOf(unit)
          }}
        >
          Say the other way round: how many {unit} one {of} is
        </Button>
      )}
    </SaidForm>
  )
}

/** `One pack of TG22 is 5 piece`. */
const factorWords = ({ unit, is, of, thing }: Factor): string =>
  `One ${unit}${thing === undefined ? '' : ` of ${thing}`} is ${is} ${of}`
