// When Plumbline does not answer: said once above every screen, with since when what one sees is old. And when it answers, but has
// no longer what this page needs.
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { numbersQuery } from '../api/queries.ts'
import { useMissing } from '../coming.ts'
import { told } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { clock } from '../words/format.ts'
import styles from './shell.module.css'

export function AwayBanner() {
  const { data, dataUpdatedAt, error, failureReason } = useQuery(numbersQuery)
  const reason = failureReason ?? error
  if (!reason) return null
  const { sentence, todo } = told(reason)
  return (
    <div className={styles.away} role="alert">
      <Icon name="warning" size={14} />
      <span>
        <b>{sentence}</b> {data && <>What you see is from {clock(dataUpdatedAt)}. </>}
        {todo}
      </span>
    </div>
  )
}

export function OldBanner() {
  if (!useMissing()) return null
  return (
    <div className={styles.away} role="alert">
      <Icon name="warning" size={14} />
      <span>
        <b>A part of this page does not come.</b> Plumbline may have another version by now.
      </span>
      <Button variant="default" size="compact-xs" onClick={() => location.reload()}>
        Load the page again
      </Button>
    </div>
  )
}
