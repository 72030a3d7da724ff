// How far a journey has come, as its name and as a row of parts: those behind it are filled.
import styles from './stage.module.css'

export function Stage({
  checkpoint,
  checkpoints,
}: {
  checkpoint: string | null
  /** All of its workflow, in order. */
  checkpoints: readonly string[]
}) {
  const reached = checkpoint === null ? 0 : checkpoints.indexOf(checkpoint) + 1
  return (
    <span className={styles.stage}>
      <span>{checkpoint ?? 'Not begun'}</span>
      {checkpoints.length > 0 && (
        <span className={styles.parts} title={`${reached} of ${checkpoints.length}: ${checkpoints.join(' → ')}`}>
          {checkpoints.map((one, place) => (
            <span key={one} data-reached={place < reached ? '' : undefined} />
          ))}
          <span className="sr-only">
            , {reached} of {checkpoints.length}
          </span>
        </span>
      )}
    </span>
  )
}
