// Saying what a value is called in a system: who says it and why, and what it lets go, before it counts.
import { Autocomplete, Button, Select, Textarea, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { ValueTable, WordAnswer } from '../../api/types.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { FailureLine } from '../../parts/failure.tsx'
import form from '../../parts/form.module.css'
import { useSignature } from '../../parts/signature.tsx'
import { counted, moneys } from '../../words/format.ts'
import { previewQuery, type Used, useSay, type Word } from './asked.ts'
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
  const signature = useSignature()
  const [value, setValue] = useState(subject.value ?? '')
  const [system, setSystem] = useState(subject.system ?? table.systems[0]?.system ?? '')
  const [native, setNative] = useState(subject.native ?? '')
  const [used, setUsed] = useState<Used>('both')
  const [why, setWhy] = useState('')
  const say = useSay(table.table)
  const saying = { value: value.trim(), system, native, used }
  const [settled] = useDebouncedValue(saying, 250)
  const preview = useQuery(previewQuery(table.table, settled))
  const isTold = saying.value !== '' && native !== '' && why.trim() !== '' && signature.by !== ''
  const words = table.entries.find(one => one.value === saying.value)?.in[system] ?? []
  const send = (event: FormEvent): void => {
    event.preventDefault()
    if (!isTold) return
    signature.remember()
    say.mutate(
      { ...saying, by: signature.by, why: why.trim() },
      {
        onSuccess: answer => {
          notifications.show({ title: `${table.table} is changed`, message: releasedWords(answer), color: 'plumb' })
          onClose()
        },
      },
    )
  }
  return (
    <form className={form.form} onSubmit={send}>
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
        {preview.error ? <FailureLine error={preview.error} /> : preview.data && <Consequences of={preview.data} />}
      </div>
      {say.error && <FailureLine error={say.error} />}
      <div className={form.end}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          type="submit"
          loading={say.isPending}
          disabled={preview.isError}
          color={used === 'none' ? 'red' : 'plumb'}
        >
          {used === 'none' ? `Take “${native}” out` : 'Say it'}
        </Button>
      </div>
    </form>
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

const Consequences = ({ of }: { of: WordAnswer }) => (
  <ul className={form.consequences}>
    <li>
      {of.releases.records === 0 ? (
        'Nothing waits for it; it counts from now on.'
      ) : (
        <>
          It releases <b>{counted(of.releases.records, 'record')}</b>
          {of.releases.worth.length > 0 && (
            <>
              {' '}
              worth <b>{moneys(of.releases.worth)}</b>
            </>
          )}
          .
        </>
      )}
    </li>
    {of.stillUnknownIn.length > 0 && of.is.length > 0 && (
      <li>
        There is no word for “{of.value}” yet in {of.stillUnknownIn.join(' and ')}: records that go there will wait for
        one.
      </li>
    )}
  </ul>
)

const releasedWords = ({ releases: { records, worth } }: WordAnswer): string =>
  records === 0
    ? 'It counts from now on.'
    : `${counted(records, 'record')}${worth.length > 0 ? ` worth ${moneys(worth)}` : ''} on the way.`
