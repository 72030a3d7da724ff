// Why a field has its value: the sentence first, then its way, what each system holds of it, what it replaced, who wanted otherwise.
import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { whyQuery } from '../../api/queries.ts'
import type { FieldExplained } from '../../api/types.ts'
import { Ago } from '../../parts/ago.tsx'
import { Badge, type Tone } from '../../parts/badge.tsx'
import { Failure } from '../../parts/failure.tsx'
import type { IconName } from '../../parts/icons.tsx'
import { LoadingText } from '../../parts/loading.tsx'
import { labelOf } from '../../words/label.ts'
import styles from './why.module.css'

export type Asked = { readonly contract: string; readonly ref: string; readonly field: string }

export function Why({ asked, onWhy }: { asked: Asked; onWhy: (asked: Asked) => void }) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    whyQuery(asked.contract, asked.ref, asked.field),
  )
  const [first] = data?.pages ?? []
  if (!first)
    return error ? (
      <Failure error={error} again={() => void refetch()} />
    ) : (
      <LoadingText lines={6} what="the explanation" />
    )
  const former = data?.pages.flatMap(page => page.replaced.values) ?? []
  return (
    <article className={styles.why} aria-label={`Why ${first.label} is ${first.words}`}>
      <p className={styles.sentence}>{first.sentence}</p>
      <Way of={first} onWhy={onWhy} />
      <h3>In the systems</h3>
      <InSystems held={first.held} />
      <h3>What it replaced</h3>
      {former.length === 0 ? (
        <p className="quiet">Nothing: it has had no other value.</p>
      ) : (
        <ol className={styles.former}>
          {former.map(one => (
            <li key={one.version}>
              <span className={styles.was}>{one.words}</span>
              <span className="quiet">{one.because}</span>
            </li>
          ))}
        </ol>
      )}
      {hasNextPage && (
        <Button size="xs" variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show older values
        </Button>
      )}
      <h3>Who wanted otherwise</h3>
      <Proposed of={first.proposed} />
    </article>
  )
}

function Way({ of: { owner, origin, field }, onWhy }: { of: FieldExplained; onWhy: (asked: Asked) => void }) {
  const from = origin?.from
  return (
    <dl className={styles.way}>
      <Fact name="Whose it is">{owner.rule}</Fact>
      {origin?.system && (
        <Fact name="Came from">
          {origin.system}, {origin.object} <code>{origin.nativeId}</code>
        </Fact>
      )}
      {origin && Object.keys(origin.native).length > 0 && (
        <Fact name="As it had it">
          {Object.entries(origin.native).map(([name, value]) => (
            <code key={name}>
              {name} = {JSON.stringify(value)}
            </code>
          ))}
        </Fact>
      )}
      {origin?.rule && <Fact name="Rule">{origin.rule.words}</Fact>}
      {origin?.changedAt && (
        <Fact name={origin.how === 'told' ? 'Changed' : 'As of'}>
          <Ago at={origin.changedAt} />
          {origin.by && ` by ${origin.by}`}
        </Fact>
      )}
      {origin?.change && (
        <Fact name="Heard">
          <Ago at={origin.change.heardAt} />
        </Fact>
      )}
      {origin?.journey && (
        <Fact name="Step">
          {origin.journey.workflow}: {origin.journey.step}
        </Fact>
      )}
      {from && (
        <Fact name="Taken from">
          {from.field === null ? (
            from.title
          ) : (
            <button
              type="button"
              className={styles.link}
              onClick={() => onWhy({ contract: from.contract, ref: from.ref, field: from.field ?? '' })}
            >
              {from.label} of {from.title}
            </button>
          )}
        </Fact>
      )}
      {origin?.build && (
        <Fact name="Build">
          <code>{origin.build.hash}</code>, since <Ago at={origin.build.since} />
        </Fact>
      )}
      <Fact name="In the project">
        <code>{field}</code>
      </Fact>
    </dl>
  )
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)

type Held = FieldExplained['held'][number]
const STATES: Readonly<Record<Held['state'], { tone: Tone; icon: IconName }>> = {
  agrees: { tone: 'good', icon: 'check' },
  'own form': { tone: 'good', icon: 'check' },
  'on its way': { tone: 'wait', icon: 'write' },
  waiting: { tone: 'warn', icon: 'clock' },
  parked: { tone: 'bad', icon: 'warning' },
  differs: { tone: 'warn', icon: 'warning' },
  'not kept': { tone: 'plain', icon: 'stop' },
  'not there': { tone: 'plain', icon: 'stop' },
  gone: { tone: 'plain', icon: 'stop' },
}

const InSystems = ({ held }: { held: readonly Held[] }) => (
  <ul className={styles.held}>
    {held.map(({ system, state, words, reason, todo, confirmedAt }) => (
      <li key={system}>
        <strong>{system}</strong>
        <span>{state === 'not kept' || state === 'not there' ? '' : words}</span>
        <Badge tone={STATES[state].tone} icon={STATES[state].icon}>
          {labelOf(state)}
        </Badge>
        {confirmedAt && (
          <span className="quiet">
            confirmed <Ago at={confirmedAt} />
          </span>
        )}
        {reason && (
          <p className={state === 'not kept' ? 'quiet' : styles.reason}>
            {reason} {todo}
          </p>
        )}
      </li>
    ))}
  </ul>
)

function Proposed({ of }: { of: FieldExplained['proposed'] }) {
  if (of.length === 0) return <p className="quiet">Nobody.</p>
  return (
    <ul className={styles.former}>
      {of.map(({ dispute, words, by, system, at, became, reason, decidedBy }) => (
        <li key={dispute}>
          <span className={styles.was}>{words}</span>
          <span className="quiet">
            {by ?? 'Somebody'} in {system}, <Ago at={at} />
          </span>{' '}
          <Badge>{labelOf(became)}</Badge>
          {(reason ?? decidedBy) && (
            <span className="quiet">
              {' '}
              {decidedBy && `by ${decidedBy}`} {reason}
            </span>
          )}
        </li>
      ))}
    </ul>
  )
}
