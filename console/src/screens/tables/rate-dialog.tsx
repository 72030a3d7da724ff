// Saying what one currency is of another from a day on: who says it and why, and what it lets go, before it counts.
import { Button, Textarea, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Dialog } from '../../parts/dialog.tsx'
import { FailureLine } from '../../parts/failure.tsx'
import form from '../../parts/form.module.css'
import { useSignature } from '../../parts/signature.tsx'
import { counted, moneys } from '../../words/format.ts'
import { type Rating, ratePreviewQuery, useRate } from './asked.ts'
import styles from './tables.module.css'

/** What is known already; the rest is asked. */
export type RateSubject = Partial<Pick<Rating, 'from' | 'to' | 'since'>>

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
  const signature = useSignature()
  const [from, setFrom] = useState(subject.from ?? '')
  const [to, setTo] = useState(subject.to ?? '')
  const [since, setSince] = useState(subject.since ?? '')
  const [rate, setRate] = useState('')
  const [why, setWhy] = useState('')
  const doing = useRate(table)
  const rating = { from: from.trim(), to: to.trim(), since, rate: rate.trim() }
  const [settled] = useDebouncedValue(rating, 250)
  const preview = useQuery(ratePreviewQuery(table, settled))
  const isTold = Object.values(rating).every(part => part !== '') && why.trim() !== '' && signature.by !== ''
  const send = (event: FormEvent): void => {
    event.preventDefault()
    if (!isTold) return
    signature.remember()
    doing.mutate(
      { ...rating, by: signature.by, why: why.trim() },
      {
        onSuccess: ({ releases }) => {
          const message =
            releases.records === 0 ? 'It counts from now on.' : `${counted(releases.records, 'record')} on the way.`
          notifications.show({ title: `${table} is changed`, message, color: 'plumb' })
          onClose()
        },
      },
    )
  }
  return (
    <form className={form.form} onSubmit={send}>
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
      {signature.field}
      <Textarea
        label="Why?"
        description="Stands in the history, for whoever asks later."
        required
        rows={2}
        maxLength={2_000}
        value={why}
        onChange={event => setWhy(event.currentTarget.value)}
      />
      <div aria-live="polite">
        {preview.error ? (
          <FailureLine error={preview.error} />
        ) : (
          preview.data && (
            <ul className={form.consequences}>
              <li>
                {preview.data.releases.records === 0
                  ? 'Nothing waits for it; it counts for amounts of that day and later ones.'
                  : `It releases ${counted(preview.data.releases.records, 'record')} worth ${moneys(preview.data.releases.worth)}.`}
              </li>
              {preview.data.was !== null && (
                <li>It takes the place of {preview.data.was}, which was said for that day before.</li>
              )}
            </ul>
          )
        )}
      </div>
      {doing.error && <FailureLine error={doing.error} />}
      <div className={form.end}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={doing.isPending} disabled={preview.isError}>
          Say it
        </Button>
      </div>
    </form>
  )
}
