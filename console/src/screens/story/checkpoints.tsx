// The checkpoints of a journey: those passed, with when, and the next deadline.
import type { JourneyLine, Story } from '../../api/types.ts'
import { Icon } from '../../parts/icons.tsx'
import { absolute, span } from '../../words/format.ts'
import styles from './situation.module.css'

export function Checkpoints({ line, timeline }: { line: JourneyLine; timeline: Story['timeline'] }) {
  const passed = timeline.filter(moment => moment.kind === 'checkpoint' && moment.journey === line.journey)
  if (passed.length === 0) return null
  return (
    <ol className={styles.checkpoints} aria-label="Checkpoints">
      {passed.map(({ sentence, at }) => (
        <li key={sentence} title={absolute(at)}>
          <Icon name="check" size={12} />
          <span>{sentence}</span>
          <span className="quiet">+{span(new Date(at).getTime() - new Date(line.startedAt).getTime())}</span>
        </li>
      ))}
    </ol>
  )
}
