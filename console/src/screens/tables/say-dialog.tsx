// Saying what a value is called in a system.
import { Autocomplete, Button, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { ValueTable, WordAnswer } from '../../api/types.ts'
import { Dialog } from '../../parts/dialog.tsx'
import type { Used, Word } from './asked.ts'
import { SaidForm } from './said-form.tsx'
import styles from './tables.module.css'

/** What is known already; the rest is asked. */
export type Subject = {
  readonly value?: string
  readonly system?: string
  readonly native?: string
}
type Asked = { readonly table: ValueTable; readonly subject: Subject; readonly onClose: () => void }

export const SayDialog = ({
  table,
  subject,
  onClose,
}: {
  table: ValueTable | undefined
  subject: Subject | undefined
  onClose: () => void
}) => (
  <Dialog title={titleOf(table, subject)} opened={table !== undefined && subject !== undefined} onClose={onClose}>
    {table && subject && <SayForm table={table} subject={subject} onClose={onClose} />}
  </Dialog>
)

function titleOf(table: ValueTable | undefined, { value, system, native }: Subject = {}): string {
  if (native !== undefined) return `What does “${native}” of ${system} mean?`
  if (value !== undefined) return `What is “${value}” called in ${system}?`
  return `A value of ${table?.table ?? 'the table'}`
}

const WAYS: { value: Used; label: string }[] = [
  { value: 'both', label: 'Written, and read as our value' },
  { value: 'read', label: 'Only read: one more name for it' },
  { value: 'written', label: 'Only written: it is read as another value' },
]

function SayForm({ table, subject, onClose }: Asked) {
  const [value, setValue] = useState(subject.value ?? '')
  const [system, setSystem] = useState(subject.system ?? table.systems[0]?.system ?? '')
  const [native, setNative] = useState(subject.native ?? '')
  const [used, setUsed] = useState<Used>('both')
  const said = { value: value.trim(), system, native, used }
  const words = table.entries.find(one => one.value === said.value)?.in[system] ?? []
  return (
    <SaidForm
      table={table.table}
      part="words"
      said={said}
      isWhole={said.value !== '' && native !== '' && system !== ''}
      takesOut={used === 'none' ? native : undefined}
      also={answer => <StillUnknown of={answer} />}
      onClose={onClose}
    >
      {subject.value === undefined && (
        <Autocomplete
          label="Our value"
          description="One that is there already, or a new one."
          required
          maxLength={200}
          data={table.entries.map(one => one.value)}
          value={value}
          data-autofocus
          onChange={setValue}
        />
      )}
      {subject.system === undefined && (
        <Select
          label="System"
          allowDeselect={false}
          data={table.systems.map(one => one.system)}
          value={system}
          onChange={chosen => setSystem(chosen ?? '')}
        />
      )}
      <Words
        words={words}
        used={used}
        native={native}
        onTakeOut={word => {
          setNative(word.native)
          setUsed('none')
        }}
      />
      {subject.native === undefined && (
        <TextInput
          label={`What ${system} calls it`}
          required
          maxLength={200}
          value={native}
          {...(subject.value !== undefined && { 'data-autofocus': true })}
          onChange={event => {
            setNative(event.currentTarget.value)
            if (used === 'none') setUsed('both')
          }}
        />
      )}
      {used !== 'none' && (
        <Select
          label="Used"
          allowDeselect={false}
          data={WAYS}
          value={used}
          onChange={chosen => setUsed(WAYS.find(way => way.value === chosen)?.value ?? 'both')}
        />
      )}
    </SaidForm>
  )
}

/** What it is called there now. */
function Words({
  words,
  used,
  native,
  onTakeOut,
}: {
  words: readonly Word[]
  used: Used
  native: string
  onTakeOut: (word: Word) => void
}) {
  if (words.length === 0) return null
  return (
    <div className={styles.now}>
      Now:
      {words.map(word => (
        <span
          key={word.native}
          className={styles.word}
          data-out={used === 'none' && word.native === native ? '' : undefined}
        >
          {word.native}
          {word.used !== 'both' && <small> {word.used === 'read' ? 'also read' : 'only written'}</small>}
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => onTakeOut(word)}
            aria-label={`Take out ${word.native}`}
          >
            Take out
          </Button>
        </span>
      ))}
    </div>
  )
}

const StillUnknown = ({ of }: { of: WordAnswer }) =>
  of.stillUnknownIn.length > 0 &&
  of.is.length > 0 && (
    <li>
      There is no word for “{of.value}” yet in {of.stillUnknownIn.join(' and ')}: records that go there will wait for
      one.
    </li>
  )
