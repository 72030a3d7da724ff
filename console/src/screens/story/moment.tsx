// One moment: when, from which side to which, what, and behind it the payload before and after mapping.
import { useId, useState } from 'react'
import type { Moment } from '../../api/types.ts'
import { Icon, type IconName } from '../../parts/icons.tsx'
import { absolute, clock, took } from '../../words/format.ts'
import { FactsBehind } from './facts-behind.tsx'
import { endOf, type Lane, placeOf } from './lanes.ts'
import { PayloadTable } from './payload.tsx'
import styles from './timeline.module.css'

const ICONS: Readonly<Record<Moment['kind'], IconName>> = {
  heard: 'hear',
  record: 'record',
  delivery: 'write',
  step: 'gear',
  wait: 'clock',
  task: 'person',
  checkpoint: 'flag',
  journey: 'play',
}
const KINDS: Readonly<Record<Moment['kind'], string>> = {
  heard: 'Heard',
  record: 'Record',
  delivery: 'Written',
  step: 'Step',
  wait: 'Wait',
  task: 'Question',
  checkpoint: 'Checkpoint',
  journey: 'Journey',
}

export function MomentRow({ moment, lanes }: { moment: Moment; lanes: readonly Lane[] }) {
  const [opened, setOpened] = useState(false)
  const details = useId()
  const end = endOf(moment)
  return (
    <li className={styles.moment} data-kind={moment.kind} data-end={end} data-opened={opened || undefined}>
      <button
        type="button"
        data-row=""
        className={styles.row}
        aria-expanded={opened}
        aria-controls={details}
        onClick={() => setOpened(!opened)}
      >
        <time dateTime={moment.at} title={absolute(moment.at)} className={styles.time}>
          {clock(moment.at)}
        </time>
        <Rails moment={moment} lanes={lanes} />
        <span className={styles.sentence}>
          <span className="sr-only">{KINDS[moment.kind]}: </span>
          {moment.sentence}
        </span>
        {moment.durationMs !== undefined && moment.durationMs > 0 && (
          <span className={styles.duration} title="How long it took">
            {took(moment.durationMs)}
          </span>
        )}
        <span className={styles.opener}>
          <Icon name={opened ? 'down' : 'next'} size={12} />
        </span>
      </button>
      {opened && (
        <div id={details} className={styles.details}>
          <p className="quiet">{absolute(moment.at)}</p>
          {moment.payload && (
            <PayloadTable
              payload={moment.payload}
              system={moment.system ?? 'the system'}
              outward={moment.kind === 'delivery'}
            />
          )}
          <FactsBehind facts={moment.facts} open={!moment.payload} />
        </div>
      )}
    </li>
  )
}

const WIDTH = 76
const MIDDLE = 15

/** The lanes as thin lines; who acted as a dot with a sign, what went over as an arrow. */
function Rails({ moment, lanes }: { moment: Moment; lanes: readonly Lane[] }) {
  const { from, to } = placeOf(moment, lanes)
  const other = moment.kind === 'heard' ? from : to
  return <Drawn lanes={lanes} from={from} to={to} at={other} icon={ICONS[moment.kind]} />
}

/** What is waited for: a way that nothing has come yet. */
export function WaitingRails({ system, lanes }: { system: string | null; lanes: readonly Lane[] }) {
  const hub = lanes.findIndex(lane => lane.system === null)
  const other = system === null ? -1 : lanes.findIndex(lane => lane.system === system)
  const to = other < 0 ? hub : other
  return <Drawn lanes={lanes} from={hub} to={to} at={to} icon="clock" open />
}

type Drawing = { lanes: readonly Lane[]; from: number; to: number; at: number; icon: IconName; open?: boolean }

function Drawn({ lanes, from, to, at, icon, open = false }: Drawing) {
  const x = (lane: number): number => lane * WIDTH + WIDTH / 2
  const way = Math.sign(to - from)
  return (
    <span
      className={styles.rails}
      style={{ width: lanes.length * WIDTH }}
      data-role={lanes[at]?.role}
      aria-hidden="true"
    >
      {lanes.map((lane, i) => (
        <span key={lane.name} className={styles.rail} style={{ left: x(i) }} />
      ))}
      {way !== 0 && (
        <svg
          aria-hidden="true"
          className={styles.arrow}
          data-open={open || undefined}
          width={lanes.length * WIDTH}
          height={MIDDLE * 2}
        >
          <path d={`M${x(from)} ${MIDDLE}H${x(to) - way * 12}`} />
          <path d={`M${x(to) - way * 17} ${MIDDLE - 4}l${way * 5} 4l${-way * 5} 4`} />
        </svg>
      )}
      <span className={styles.node} style={{ left: x(at) }}>
        <Icon name={icon} size={12} />
      </span>
      {way !== 0 && <span className={styles.dot} style={{ left: x(from + to - at) }} />}
    </span>
  )
}
