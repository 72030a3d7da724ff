// What a journey waits for and since when; below, why that is not there yet.
import type { JourneyLine } from '../api/types.ts'
import { absolute } from '../words/format.ts'
import { Ago, For } from './ago.tsx'
import { JourneyState } from './badge.tsx'
import { Icon, type IconName } from './icons.tsx'
import styles from './waits-for.module.css'

const ICONS: Readonly<Record<string, IconName>> = {
  answer: 'question',
  system: 'plug',
  record: 'clock',
  retry: 'retry',
  person: 'warning',
}

export function WaitsFor({ line }: { line: JourneyLine }) {
  const { waitsFor, state, reason, endedAt } = line
  if (!waitsFor) {
    return (
      <span className={styles.ended}>
        <JourneyState state={state} />
        {endedAt !== null && <Ago at={endedAt} />}
        <span className={styles.because}>{reason}</span>
      </span>
    )
  }
  const { kind, what, because, since, until } = waitsFor
  return (
    <span className={styles.waits} data-tone={state === 'stuck' ? 'bad' : undefined}>
      <span className={styles.what}>
        {state === 'stuck' && <JourneyState state={state} />}
        <Icon name={ICONS[kind] ?? 'clock'} size={13} />
        <span className={styles.words} title={until ? `${what}; at the latest ${absolute(until)}` : what}>
          {what}
        </span>
        <span className={styles.since}>
          <For since={since} />
        </span>
      </span>
      {because && (
        <span className={styles.because} title={because}>
          {because}
        </span>
      )}
    </span>
  )
}
