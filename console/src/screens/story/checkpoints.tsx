// The checkpoints of a journey: those passed, with when, and those to come, with by when.
import type { JourneyLine } from '../../api/types.ts'
import { useNow } from '../../parts/ago.tsx'
import { Icon } from '../../parts/icons.tsx'
import { absolute, relative, took } from '../../words/format.ts'
import styles from './situation.module.css'

export function Checkpoints({ line }: { line: JourneyLine }) {
  const now = useNow()
  if (line.checkpoints.length === 0) return null
  const begun = new Date(line.startedAt).getTime()
  return (
    <ol className={styles.checkpoints} aria-label="Checkpoints">
      {line.checkpoints.map(({ checkpoint, reachedAt, dueAt }) => {
        if (reachedAt !== null) {
          return (
            <li key={checkpoint} data-reached="" title={`${checkpoint}: reached ${absolute(reachedAt)}`}>
              <Icon name="check" size={12} />
              <span>{checkpoint}</span>
              <span className="quiet">+{took(new Date(reachedAt).getTime() - begun)}</span>
              <span className="sr-only">after the beginning</span>
            </li>
          )
        }
        const late = line.endedAt === null && dueAt !== null && new Date(dueAt).getTime() < now
        return (
          <li key={checkpoint} data-late={late || undefined} title={dueAt ? `Due ${absolute(dueAt)}` : 'No deadline'}>
            <span className={styles.ring} />
            <span>{checkpoint}</span>
            {dueAt && line.endedAt === null && (
              <span>
                {late ? 'was due' : 'due'} {relative(dueAt, now)}
              </span>
            )}
          </li>
        )
      })}
    </ol>
  )
}
