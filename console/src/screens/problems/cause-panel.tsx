// One cause: what is wrong and since when, what it blocks, what to do, and the first of those that meet it.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Ago } from '../../parts/ago.tsx'
import { Badge } from '../../parts/badge.tsx'
import { Icon } from '../../parts/icons.tsx'
import { Panel } from '../../parts/page.tsx'
import { counted, moneys } from '../../words/format.ts'
import type { RetryScope } from '../systems/asked.ts'
import { RetryDialog } from '../systems/retry-dialog.tsx'
import type { Cause, Problem } from './causes.ts'
import styles from './problems.module.css'

const SHOWN = 6

export function CausePanel({ cause }: { cause: Cause }) {
  const { title, reason, todo, needs, since, problems } = cause
  return (
    <Panel
      title={title}
      side={
        <span className={styles.side}>
          <span className="quiet">
            since <Ago at={since} />
          </span>
          {needs === 'person' ? (
            <Badge tone="bad" icon="person">
              Needs a person
            </Badge>
          ) : (
            <Badge tone="wait" icon="clock">
              Goes on by itself
            </Badge>
          )}
        </span>
      }
    >
      <div className={styles.cause}>
        <div className={styles.words}>
          <p className={styles.reason}>{reason}</p>
          {todo && (
            <p>
              <b>What to do</b> {todo}
            </p>
          )}
          <Met problems={problems} />
        </div>
        <div className={styles.price}>
          <Blocks cause={cause} />
          <Ways cause={cause} />
        </div>
      </div>
    </Panel>
  )
}

const Blocks = ({ cause: { journeys, worth, holdsBack } }: { cause: Cause }) => (
  <dl className={styles.blocks}>
    <div>
      <dt>Blocks</dt>
      <dd>{journeys === 0 ? 'no journey' : counted(journeys, 'journey')}</dd>
    </div>
    {worth.length > 0 && (
      <div>
        <dt>Worth</dt>
        <dd>{moneys(worth)}</dd>
      </div>
    )}
    {holdsBack > 0 && (
      <div>
        <dt>Holds back</dt>
        <dd>{counted(holdsBack, 'record')}</dd>
      </div>
    )}
  </dl>
)

function Met({ problems }: { problems: readonly Problem[] }) {
  if (problems.length === 0) return null
  return (
    <ul className={styles.met}>
      {problems.slice(0, SHOWN).map(problem => (
        <li key={`${problem.kind} ${problem.what}`}>
          <Meets problem={problem} />
        </li>
      ))}
      {problems.length > SHOWN && <li className="quiet">and {problems.length - SHOWN} more</li>}
    </ul>
  )
}

function Meets({ problem: { what, journey, ref, tries } }: { problem: Problem }) {
  const asked = journey ?? ref
  return (
    <>
      {asked ? (
        <Link to="/journeys/$asked" params={{ asked }}>
          {what}
        </Link>
      ) : (
        what
      )}
      {tries !== null && tries > 0 && <span className="quiet"> · {counted(tries, 'try', 'tries')}</span>}
    </>
  )
}

/** Where to look, and what can be done from here. */
function Ways({ cause }: { cause: Cause }) {
  const [retrying, setRetrying] = useState(false)
  const scope = scopeOf(cause)
  const isWord = cause.problems.some(one => one.kind === 'value')
  return (
    <div className={styles.ways}>
      {cause.journeys > 0 && (
        <Link to="/journeys" search={filterOf(cause)}>
          See the journeys
        </Link>
      )}
      {isWord && <Link to="/tables">Say it in the table</Link>}
      {cause.system && !isWord && <Link to="/systems">See its lane</Link>}
      {scope && !isWord && (
        <>
          <Button
            size="xs"
            variant="default"
            leftSection={<Icon name="retry" size={13} />}
            onClick={() => setRetrying(true)}
          >
            Try again…
          </Button>
          <RetryDialog scope={scope} opened={retrying} onClose={() => setRetrying(false)} />
        </>
      )}
    </div>
  )
}

const filterOf = ({ system, needs, problems }: Cause) => {
  if (system) return { system, waits: 'system' as const }
  if (needs === 'person' && problems.every(one => one.kind === 'journey')) return { state: 'stuck' as const }
  return { waits: 'system' as const }
}

/** The narrowest that covers the cause: one record, one journey, or all that a system holds back. */
function scopeOf({ system, problems }: Cause): RetryScope | undefined {
  const [only, ...others] = problems
  if (only && others.length === 0) {
    if (only.journey) return { named: only.what, journey: only.journey }
    if (only.ref) return { named: only.what, ref: only.ref }
  }
  return system ? { named: system, system } : { named: 'all systems', all: true }
}
