// When Plumbline does not answer: said once above every screen, with since when what one sees is old.
import { useQuery } from '@tanstack/react-query'
import { numbersQuery } from '../api/queries.ts'
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
