// How far a journey has come, as its name and as a row of parts: those behind it are filled.
import type { JourneyLine } from '../api/types.ts'
import styles from './stage.module.css'

export function Stage({ checkpoint, checkpoints }: Pick<JourneyLine, 'checkpoint' | 'checkpoints'>) {
  const reached = checkpoints.filter(one => one.reachedAt !== null).length
  return (
    <span className={styles.stage}>
      <span>{checkpoint ?? 'Not begun'}</span>
      {checkpoints.length > 0 && (
        <span
          className={styles.parts}
          title={`${reached} of ${checkpoints.length}: ${checkpoints.map(one => one.checkpoint).join(' → ')}`}
        >
          {checkpoints.map(one => (
            <span key={one.checkpoint} className={styles.part} data-reached={one.reachedAt === null ? undefined : ''} />
          ))}
          <span className="sr-only">
            , {reached} of {checkpoints.length}
          </span>
        </span>
      )}
    </span>
  )
}
