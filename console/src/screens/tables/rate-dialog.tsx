// Saying what one currency is of another from a day on.
import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { Dialog } from '../../parts/dialog.tsx'
import type { Said } from './asked.ts'
import { SaidForm } from './said-form.tsx'
import styles from './tables.module.css'

/** What is known already; the rest is asked. */
export type RateSubject = Partial<Pick<Said['rates'], 'from' | 'to' | 'since'>>

type Asked = { readonly table: string; readonly subject: RateSubject; readonly onClose: () => void }

export const RateDialog = ({
  table,
  subject,
  onClose,
}: {
  table: string
  subject: RateSubject | undefined
  onClose: () => void
}) => (
  <Dialog title={`A rate of ${table}`} opened={subject !== undefined} onClose={onClose}>
    {subject && <RateForm table={table} subject={subject} onClose={onClose} />}
  </Dialog>
)

function RateForm({ table, subject, onClose }: Asked) {
  const [from, setFrom] = useState(subject.from ?? '')
  const [to, setTo] = useState(subject.to ?? '')
  const [since, setSince] = useState(subject.since ?? '')
  const [rate, setRate] = useState('')
  const said = { from: from.trim(), to: to.trim(), since, rate: rate.trim() }
  return (
    <SaidForm
      table={table}
      part="rates"
      said={said}
      isWhole={said.from.length === 3 && said.to.length === 3 && since !== '' && said.rate !== ''}
      otherwise="it counts for amounts of that day and later ones"
      also={({ was }) => was !== null && <li>It takes the place of {was}, which was said for that day before.</li>}
      onClose={onClose}
    >
      <div className={styles.rate}>
        <TextInput
          label="One"
          placeholder="USD"
          required
          maxLength={3}
          value={from}
          onChange={event => setFrom(event.currentTarget.value.toUpperCase())}
        />
        <TextInput
          label="is"
          placeholder="0.9213"
          inputMode="decimal"
          required
          maxLength={40}
          value={rate}
          data-autofocus
          onChange={event => setRate(event.currentTarget.value)}
        />
        <TextInput
          label="of"
          placeholder="EUR"
          required
          maxLength={3}
          value={to}
          onChange={event => setTo(event.currentTarget.value.toUpperCase())}
        />
        <TextInput
          label="from the day"
          type="date"
          required
          value={since}
          onChange={event => setSince(event.currentTarget.value)}
        />
      </div>
    </SaidForm>
  )
}
