// Trying again what is held back: first what would be done, then, when a person agrees, doing it.
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { sendJson } from '../api/client.ts'
import type { Released, RetryRequest } from '../api/types.ts'
import { counted } from '../words/format.ts'
import { Dialog } from './dialog.tsx'
import { FailureLine } from './failure.tsx'
import { LoadingText } from './loading.tsx'
import styles from './retry.module.css'
import { sentencesOf } from './retry.ts'

export type Retrying = { readonly journey: string; readonly title: string }

export function RetryDialog({
  what,
  opened,
  onClose,
  onDone,
}: {
  what: readonly Retrying[]
  opened: boolean
  onClose: () => void
  onDone?: (() => void) | undefined
}) {
  const client = useQueryClient()
  const preview = useQuery({
    queryKey: ['retry preview', what],
    queryFn: () => retry(what, true),
    enabled: opened && what.length > 0,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })
  const doing = useMutation({
    mutationFn: () => retry(what, false),
    onSuccess: released => {
      notifications.show({ title: 'It is tried again now', message: sentencesOf(released).join(' '), color: 'plumb' })
      void client.invalidateQueries()
      onDone?.()
      onClose()
    },
  })
  const nothing = preview.data !== undefined && sentencesOf(preview.data).length === 0
  const title = what.length === 1 ? `Retry ${what[0]?.title}` : `Retry ${counted(what.length, 'journey')}`
  return (
    <Dialog title={title} opened={opened} onClose={onClose}>
      {preview.error ? (
        <FailureLine error={preview.error} />
      ) : preview.data === undefined ? (
        <LoadingText what="what would be done" />
      ) : (
        <Preview released={preview.data} nothing={nothing} />
      )}
      {doing.error && <FailureLine error={doing.error} />}
      <div className={styles.buttons}>
        <Button variant="default" onClick={onClose}>
          {nothing ? 'Close' : 'Leave it'}
        </Button>
        {!nothing && (
          <Button disabled={preview.data === undefined} loading={doing.isPending} onClick={() => doing.mutate()}>
            Retry now
          </Button>
        )}
      </div>
    </Dialog>
  )
}

/** All of them in one transaction: all are released, or none when one is not known. */
const retry = (what: readonly Retrying[], dryRun: boolean): Promise<Released> =>
  sendJson<Released>('POST', '/api/retry', { journeys: what.map(one => one.journey), dryRun } satisfies RetryRequest)

function Preview({ released, nothing }: { released: Released; nothing: boolean }) {
  if (nothing) {
    return (
      <p>
        Nothing is held back there: whatever waits, waits for the business itself, for an answer, or for a system that
        is paused. A retry would change nothing.
      </p>
    )
  }
  return (
    <>
      <p>This would be tried again at once, instead of waiting for a person or for its time:</p>
      <ul className={styles.would}>
        {sentencesOf(released).map(sentence => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {released.deliveries.length > 0 && (
        <details className={styles.details}>
          <summary>Which records</summary>
          <ul>
            {released.deliveries.map(({ ref, system }) => (
              <li key={`${ref} ${system}`}>
                {ref} in {system}
              </li>
            ))}
          </ul>
        </details>
      )}
      <p className="quiet">What was written already is looked up first and not written twice.</p>
    </>
  )
}
