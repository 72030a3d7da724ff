// Who takes part: each record with its number in each system, and what is not in place yet.
import type { Story } from '../../api/types.ts'
import { Badge } from '../../parts/badge.tsx'
import { Icon } from '../../parts/icons.tsx'
import { Panel } from '../../parts/page.tsx'
import styles from './records.module.css'

type StoryRecord = Story['records'][number]

export const Records = ({
  story,
  chosen,
  onChoose,
  onExplain,
}: {
  story: Story
  chosen: string | undefined
  onChoose: (ref: string) => void
  onExplain: (ref: string) => void
}) => (
  <div className={styles.side}>
    <Panel title={`Records (${story.records.length})`} flush>
      <ul>
        {story.records.map(record => (
          <li key={record.ref} className={styles.record} data-chosen={record.ref === chosen || undefined}>
            <div className={styles.head}>
              <span className={styles.title}>{record.title}</span>
              <span className={styles.acts}>
                <button type="button" aria-pressed={record.ref === chosen} onClick={() => onChoose(record.ref)}>
                  Only this<span className="sr-only">: {record.title}</span>
                </button>
                <button type="button" onClick={() => onExplain(record.ref)}>
                  Values<span className="sr-only"> of {record.title}</span>
                </button>
              </span>
            </div>
            <ul className={styles.ids}>
              {record.systems.map(one => (
                <InSystem key={one.system} {...one} />
              ))}
              {record.systems.length === 0 && <li className="quiet">in no system yet</li>}
            </ul>
          </li>
        ))}
      </ul>
    </Panel>
  </div>
)

const STATES = {
  due: { icon: 'write', says: 'A change is on its way there', tone: 'wait', word: 'on its way' },
  waiting: { icon: 'clock', says: 'Waits for another record to be there first', tone: 'warn', word: 'waits' },
  parked: { icon: 'warning', says: 'Refused: it needs a person', tone: 'bad', word: 'refused' },
} as const

function InSystem({ system, object, nativeId, state, reason, todo }: StoryRecord['systems'][number]) {
  const trouble = state === 'current' ? undefined : STATES[state]
  return (
    <li className={styles.id}>
      <span className={styles.system}>{system}</span>
      <span className={styles.native} title={object ?? undefined}>
        {nativeId ?? <span className="quiet">not there yet</span>}
      </span>
      {trouble ? (
        <Badge tone={trouble.tone} icon={trouble.icon} title={trouble.says}>
          {trouble.word}
        </Badge>
      ) : (
        <span className={styles.good} title="It has there what it should have">
          <Icon name="check" size={12} />
          <span className="sr-only">in place</span>
        </span>
      )}
      {reason && (
        <p className={styles.reason}>
          {reason} {todo}
        </p>
      )}
    </li>
  )
}
