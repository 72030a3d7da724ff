// What happened, in the order of time, over both systems: each moment in the lane of whoever acted.
import { Button, SegmentedControl } from '@mantine/core'
import { useRef, useState } from 'react'
import type { Moment, Story } from '../../api/types.ts'
import { For } from '../../parts/ago.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Icon } from '../../parts/icons.tsx'
import { useRowSteps } from '../../parts/row-steps.ts'
import { counted, day, span } from '../../words/format.ts'
import { isShown, type Lane, SHOWN, type Shown, silenceBefore } from './lanes.ts'
import { MomentRow, WaitingRails } from './moment.tsx'
import styles from './timeline.module.css'

type Props = {
  story: Story
  lanes: readonly Lane[]
  shown: Shown
  /** Only what this record took part in. */
  record: string | undefined
  onShow: (shown: Shown) => void
  onRecord: (ref: string | undefined) => void
}

/** More are drawn when they are asked for. */
const AT_FIRST = 200

export function Timeline({ story, lanes, shown, record, onShow, onRecord }: Props) {
  const [most, setMost] = useState(AT_FIRST)
  const list = useRef<HTMLOListElement>(null)
  const all = story.timeline.filter(moment => isShown(moment, shown, record))
  const moments = all.slice(0, most)
  useRowSteps(list)
  const of = story.records.find(one => one.ref === record)
  return (
    <section className={styles.timeline} aria-label="What happened">
      <header className={styles.head}>
        <h2>What happened</h2>
        <SegmentedControl
          size="xs"
          value={shown}
          onChange={onShow}
          data={(Object.keys(SHOWN) as Shown[]).map(value => ({ value, label: SHOWN[value] }))}
          aria-label="What is shown"
        />
      </header>
      {record !== undefined && (
        <p className={styles.only}>
          Only what happened to {of?.title ?? record}.{' '}
          <button type="button" onClick={() => onRecord(undefined)}>
            Show everything
          </button>
        </p>
      )}
      <Head lanes={lanes} />
      {moments.length === 0 ? (
        <Empty title="Nothing of that kind has happened yet" icon="clock" />
      ) : (
        <ol ref={list} className={styles.moments}>
          {moments.map((moment, i) => (
            <Told key={keyOf(moment, i)} moment={moment} before={moments[i - 1]} lanes={lanes} />
          ))}
          {all.length <= most && record === undefined && shown !== 'exchange' && <Now story={story} lanes={lanes} />}
        </ol>
      )}
      {all.length > most && (
        <div className={styles.more}>
          <Button variant="default" size="xs" onClick={() => setMost(most + 500)}>
            Show {Math.min(500, all.length - most)} more of {counted(all.length, 'moment')}
          </Button>
        </div>
      )}
      {story.shortened && (
        <p className={styles.only}>
          <Icon name="warning" size={13} /> There is more than one page can tell: the oldest are shown. Choose a record
          at the right, or ask for one of them by its own number.
        </p>
      )}
    </section>
  )
}

/** The end of an open story is what it waits for. */
function Now({ story, lanes }: { story: Story; lanes: readonly Lane[] }) {
  const waits = story.journeys[0]?.waitsFor
  if (!waits) return null
  return (
    <li className={styles.now}>
      <span className={styles.time}>now</span>
      <WaitingRails system={waits.system} lanes={lanes} />
      <span className={styles.sentence} data-now="">
        Has been waiting <For since={waits.since} /> for {waits.what}
        {waits.because && `: ${waits.because}`}
      </span>
    </li>
  )
}

const keyOf = (moment: Moment, i: number): string => `${moment.at} ${moment.kind} ${moment.sentence} ${i}`

const Head = ({ lanes }: { lanes: readonly Lane[] }) => (
  <div className={styles.lanesHead} aria-hidden="true">
    <span />
    <span className={styles.laneNames} style={{ gridTemplateColumns: `repeat(${lanes.length}, 76px)` }}>
      {lanes.map(lane => (
        <span key={lane.name} data-role={lane.role}>
          {lane.name}
        </span>
      ))}
    </span>
  </div>
)

function Told({ moment, before, lanes }: { moment: Moment; before: Moment | undefined; lanes: readonly Lane[] }) {
  const silence = silenceBefore(moment, before)
  const date = before === undefined || day(before.at) !== day(moment.at) ? day(moment.at) : undefined
  return (
    <>
      {(silence !== undefined || date !== undefined) && (
        <li className={styles.silence} aria-hidden={date === undefined}>
          {silence !== undefined && <span>{span(silence)} pass</span>}
          {date !== undefined && <strong>{date}</strong>}
        </li>
      )}
      <MomentRow moment={moment} lanes={lanes} />
    </>
  )
}
