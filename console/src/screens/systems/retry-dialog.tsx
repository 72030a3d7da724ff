// Trying again what is held back for a person or waits for its time: first what it would be, then the act.
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Released } from '../../api/types.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { FailureLine } from '../../parts/failure.tsx'
import form from '../../parts/form.module.css'
import { LoadingText } from '../../parts/loading.tsx'
import { counted } from '../../words/format.ts'
import { type RetryScope, retryPreviewQuery, useRetry } from './asked.ts'

type Asked = { readonly scope: RetryScope; readonly onClose: () => void }

export const RetryDialog = ({ opened, ...asked }: Asked & { opened: boolean }) => (
  <Dialog
    title={asked.scope.system ? `Try again what ${asked.scope.named} holds back?` : `Try ${asked.scope.named} again?`}
    opened={opened}
    onClose={asked.onClose}
  >
    {opened && <RetryForm {...asked} />}
  </Dialog>
)

function RetryForm({ scope, onClose }: Asked) {
  const preview = useQuery(retryPreviewQuery(scope))
  const retry = useRetry()
  const parts = preview.data && partsOf(preview.data)
  return (
    <div className={form.form}>
      {preview.isPending && <LoadingText what="the preview" />}
      {preview.error && <FailureLine error={preview.error} />}
      {parts?.length === 0 && <p>Nothing is held back: there is nothing to try again.</p>}
      {parts && parts.length > 0 && (
        <>
          <p>Due at once, at the lane’s limit:</p>
          <ul className={form.consequences}>
            {parts.map(part => (
              <li key={part}>{part}</li>
            ))}
          </ul>
          <p className="quiet">
            What was refused will be refused again unless its cause has been mended. Nothing is written twice: a write
            that may have arrived is looked up first.
          </p>
        </>
      )}
      {retry.error && <FailureLine error={retry.error} />}
      <div className={form.end}>
        <Button variant="default" onClick={onClose}>
          {parts?.length === 0 ? 'Close' : 'Cancel'}
        </Button>
        {parts && parts.length > 0 && (
          <Button data-autofocus loading={retry.isPending} onClick={() => retry.mutate(scope, { onSuccess: onClose })}>
            Try again now
          </Button>
        )}
      </div>
    </div>
  )
}

const partsOf = ({ journeys, deliveries, changes, feeds, lanes }: Released): string[] =>
  [
    { many: lanes.length, says: 'calls that are held back, since it did not answer' },
    {
      many: deliveries.length,
      says: counted(deliveries.length, 'record that is to be written', 'records that are to be written'),
    },
    { many: journeys.length, says: counted(journeys.length, 'journey that stands still', 'journeys that stand still') },
    {
      many: changes.length,
      says: counted(
        changes.length,
        'change that was heard and not understood',
        'changes that were heard and not understood',
      ),
    },
    { many: feeds.length, says: 'its changes, which are not heard at the moment' },
  ]
    .filter(({ many }) => many > 0)
    .map(({ says }) => says)
