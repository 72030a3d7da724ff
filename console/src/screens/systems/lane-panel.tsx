// One system's lane: its limit and how much of it is in use, what waits, whether calls go through, whether it is heard.
import { Button, Progress } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { comes } from '../../coming.ts'
import { Ago, For } from '../../parts/ago.tsx'
import { Badge } from '../../parts/badge.tsx'
import { Icon } from '../../parts/icons.tsx'
import { Panel } from '../../parts/page.tsx'
import { clock, count, moneys } from '../../words/format.ts'
import type { Lane, System } from './asked.ts'
import { stateOf } from './lane-words.ts'
import { samplesOf } from './memory.ts'
import { PauseDialog, ResumeDialog } from './pause-dialog.tsx'
import { RetryDialog } from './retry-dialog.tsx'
import styles from './systems.module.css'

const Trend = lazy(comes(() => import('./trend.tsx')))

export function LanePanel({ system: { system, role, connector, now } }: { system: System }) {
  const { word, tone, icon, says } = stateOf(now)
  return (
    <Panel
      title={system}
      side={
        <span className={styles.head}>
          <span className="quiet">
            {role} · {connector}
          </span>
          <Badge tone={tone} icon={icon} title={says}>
            {word}
          </Badge>
        </span>
      }
    >
      {now ? (
        <>
          <Figures system={system} lane={now} />
          <WhetherItDrains system={system} />
          <dl className={styles.rows}>
            <Row name="Calls">
              <Calls lane={now} />
            </Row>
            <Row name="Limit">{limitOf(now)}</Row>
            <Row name="Changes heard">
              <Heard lane={now} />
            </Row>
          </dl>
          <Acts system={system} lane={now} />
        </>
      ) : (
        <p className="quiet">{says}</p>
      )}
    </Panel>
  )
}

function Figures({ system, lane }: { system: string; lane: Lane }) {
  const { concurrency } = lane.limit
  return (
    <dl className={styles.figures}>
      <Figure name="In use">
        {count(lane.inUse)} <small>of {count(concurrency)}</small>
        <Progress
          value={concurrency === 0 ? 0 : (lane.inUse / concurrency) * 100}
          size={4}
          mt={4}
          aria-label={`${lane.inUse} of ${concurrency} calls in use`}
        />
      </Figure>
      <Figure name="Waiting">
        {lane.queue === 0 ? (
          0
        ) : (
          <Link to="/journeys" search={{ system, state: 'open' }} title="The open journeys that need it">
            {count(lane.queue)}
          </Link>
        )}
      </Figure>
      <Figure name="Oldest waiting">{lane.oldestWaitingSince ? <For since={lane.oldestWaitingSince} /> : '–'}</Figure>
      <Figure name="Worth waiting">{lane.worthWaiting.length === 0 ? '–' : moneys(lane.worthWaiting)}</Figure>
    </dl>
  )
}

/** Only where something has waited: a line at nothing tells nothing. */
function WhetherItDrains({ system }: { system: string }) {
  const samples = samplesOf(system)
  if (samples.every(one => one.queue === 0)) return null
  return (
    <Suspense fallback={<div className={styles.trend} />}>
      <Trend samples={samples} />
    </Suspense>
  )
}

const Figure = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)

const Row = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)

function Calls({ lane: { paused, breaker } }: { lane: Lane }) {
  if (paused) {
    return (
      <>
        <b>Paused</b> by {paused.by ?? 'somebody'}
        {paused.since && (
          <>
            , <Ago at={paused.since} />
          </>
        )}
        {paused.reason && <span className={styles.reason}>{paused.reason}</span>}
      </>
    )
  }
  if (breaker.state === 'closed') {
    return breaker.failures === 0 ? <>Go through</> : <>One at a time, to see whether it answers again</>
  }
  return (
    <>
      <b>Held back{breaker.until && ` until ${clock(breaker.until)}`}</b>, then one tries whether it answers
      {breaker.reason && <span className={styles.reason}>{breaker.reason}</span>}
    </>
  )
}

function limitOf({ limit: { concurrency, perSecond, narrowedTo }, allowance }: Lane): string {
  const atOnce =
    narrowedTo === null
      ? `${count(concurrency)} at once`
      : `${count(narrowedTo)} at once for now, of ${count(concurrency)}`
  const rate = perSecond === null ? '' : `, ${count(perSecond)} a second`
  const day = allowance === null ? '' : `; ${count(allowance.used)} of the day’s ${count(allowance.of)} calls used`
  return `${atOnce}${rate}${day}`
}

function Heard({ lane: { feed, breaker } }: { lane: Lane }) {
  return (
    <>
      {feed.heardAt ? <Ago at={feed.heardAt} /> : 'Not yet'}
      {!feed.loaded && <span className="quiet">, still reading what it held before</span>}
      {/* What stands above already is not said twice. */}
      {feed.reason && feed.reason !== breaker.reason && <span className={styles.reason}>{feed.reason}</span>}
    </>
  )
}

function Acts({ system, lane }: { system: string; lane: Lane }) {
  const [asking, setAsking] = useState<'pause' | 'resume' | 'retry'>()
  const close = (): void => setAsking(undefined)
  return (
    <div className={styles.acts}>
      {lane.paused ? (
        <Button size="xs" leftSection={<Icon name="play" size={13} />} onClick={() => setAsking('resume')}>
          Resume…
        </Button>
      ) : (
        <Button
          size="xs"
          variant="default"
          leftSection={<Icon name="pause" size={13} />}
          onClick={() => setAsking('pause')}
        >
          Pause…
        </Button>
      )}
      <Button
        size="xs"
        variant="default"
        leftSection={<Icon name="retry" size={13} />}
        onClick={() => setAsking('retry')}
      >
        Try again what is held back…
      </Button>
      <PauseDialog system={system} lane={lane} opened={asking === 'pause'} onClose={close} />
      <ResumeDialog system={system} lane={lane} opened={asking === 'resume'} onClose={close} />
      <RetryDialog scope={{ named: system, system }} opened={asking === 'retry'} onClose={close} />
    </div>
  )
}
