// What a journey waits for and since when; below, why that is not there yet.
import type { JourneyLine } from '../api/types.ts'
import { For } from './ago.tsx'
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
  const { waitsFor, state, reason } = line
  if (!waitsFor) {
    if (line.endedAt !== null) return <span className="quiet">{reason ?? 'Nothing: it has ended'}</span>
    return <span className="quiet">{reason ?? 'Nothing: it is going on'}</span>
  }
  const { kind, what, because, since, until } = waitsFor
  return (
    <span className={styles.waits} data-tone={state === 'stuck' ? 'bad' : undefined}>
      <span className={styles.what}>
        <Icon name={ICONS[kind] ?? 'clock'} size={13} />
        <span title={until ? `${what}, until ${until}` : what}>{what}</span>
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
