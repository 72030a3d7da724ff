// What every dialog of a table has around its own fields: who says it and why, and what it lets go before it counts.
import { Button, Textarea } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useState } from 'react'
import type { WordAnswer } from '../../api/types.ts'
import { FailureLine } from '../../parts/failure.tsx'
import form from '../../parts/form.module.css'
import { useSignature } from '../../parts/signature.tsx'
import { counted, moneys } from '../../words/format.ts'
import { type Answers, type Part, previewQuery, type Said, useSay } from './asked.ts'

type SaidForm<P extends Part> = {
  readonly table: string
  readonly part: P
  readonly said: Said[P]
  /** Nothing of it is still to be filled in. */
  readonly isWhole: boolean
  /** What is taken out, where it is. */
  readonly takesOut?: string | undefined
  /** What it does where nothing waits for it. */
  readonly otherwise?: string
  /** What else it brings about, as items of a list. */
  readonly also?: (answer: Answers[P]) => ReactNode
  readonly onClose: () => void
  /** The fields that are its own. */
  readonly children: ReactNode
}

export function SaidForm<P extends Part>({
  table,
  part,
  said,
  isWhole,
  takesOut,
  otherwise = 'it counts from now on',
  also,
  onClose,
  children,
}: SaidForm<P>) {
  const signature = useSignature()
  const [why, setWhy] = useState('')
  const say = useSay(table, part)
  const isOut = takesOut !== undefined
  const typed = JSON.stringify(said)
  const [settled] = useDebouncedValue(typed, 250)
  const preview = useQuery(previewQuery(table, part, said, isWhole && settled === typed))
  const send = (event: FormEvent): void => {
    event.preventDefault()
    if (!isWhole || why.trim() === '' || signature.by === '') return
    signature.remember()
    say.mutate(
      { said, by: signature.by, why: why.trim() },
      {
        onSuccess: ({ releases }) => {
          const still = isOut ? 'It no longer counts.' : 'It counts from now on.'
          const message = releases.records === 0 ? still : `${recordsWords(releases)} on the way.`
          notifications.show({ title: `${table} is changed`, message, color: 'plumb' })
          onClose()
        },
      },
    )
  }
  return (
    <form className={form.form} onSubmit={send}>
      {children}
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
                {preview.data.releases.records === 0 ? (
                  `Nothing waits for it; ${isOut ? 'it no longer counts' : otherwise}.`
                ) : (
                  <>
                    It releases <b>{recordsWords(preview.data.releases)}</b>.
                  </>
                )}
              </li>
              {also?.(preview.data)}
            </ul>
          )
        )}
      </div>
      {say.error && <FailureLine error={say.error} />}
      <div className={form.end}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          type="submit"
          loading={say.isPending}
          // What is not whole the browser itself asks for; what is whole counts only once its preview was seen.
          disabled={isWhole && !preview.isSuccess}
          color={isOut ? 'red' : 'plumb'}
        >
          {isOut ? `Take “${takesOut}” out` : 'Say it'}
        </Button>
      </div>
    </form>
  )
}

const recordsWords = ({ records, worth }: WordAnswer['releases']): string =>
  `${counted(records, 'record')}${worth.length > 0 ? ` worth ${moneys(worth)}` : ''}`
