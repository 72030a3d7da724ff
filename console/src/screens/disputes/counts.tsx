// Who edits what in vain, how often, and what became of it; each row leads to the edits behind it.
import { Button, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { Ago } from '../../parts/ago.tsx'
import { FailureLine } from '../../parts/failure.tsx'
import { LoadingText } from '../../parts/loading.tsx'
import { Panel } from '../../parts/page.tsx'
import { count } from '../../words/format.ts'
import { labelOf } from '../../words/label.ts'
import { type Count, countsQuery, DAYS } from './asked.ts'
import { becameWords } from './became.tsx'
import styles from './disputes.module.css'

const route = getRouteApi('/disputes')
const FIRST = 6

export function Counts() {
  const { count: by = 'user' } = route.useSearch()
  const navigate = route.useNavigate()
  const { data, error } = useQuery(countsQuery(by))
  if (data?.counts.length === 0) return null
  return (
    <Panel
      title={`Who edits what in vain, in ${DAYS} days`}
      flush
      side={
        <SegmentedControl
          size="xs"
          aria-label="How they are counted"
          value={by}
          data={[
            { value: 'user', label: 'By person' },
            { value: 'field', label: 'By field' },
          ]}
          onChange={value =>
            void navigate({
              search: ({ count: _, ...before }) =>
                value === 'field' ? { ...before, count: 'field' as const } : before,
            })
          }
        />
      }
    >
      {data ? (
        <Table counts={data.counts} byUser={by === 'user'} />
      ) : (
        <div className={styles.inside}>{error ? <FailureLine error={error} /> : <LoadingText what="the counts" />}</div>
      )}
    </Panel>
  )
}

function Table({ counts, byUser }: { counts: readonly Count[]; byUser: boolean }) {
  const [all, setAll] = useState(false)
  const most = Math.max(...counts.map(one => one.count))
  return (
    <>
      <table className={styles.table}>
        <caption className="sr-only">
          How often {byUser ? 'each person' : 'somebody'} edited what somebody else owns
        </caption>
        <thead>
          <tr>
            <th scope="col" data-column="what">
              {byUser ? 'Who' : 'Field'}
            </th>
            {byUser && <th scope="col">Field</th>}
            <th scope="col" data-column="system">
              In
            </th>
            <th scope="col" data-column="times">
              Times
            </th>
            <th scope="col">What became of it</th>
            <th scope="col" data-column="when">
              Last
            </th>
          </tr>
        </thead>
        <tbody>
          {(all ? counts : counts.slice(0, FIRST)).map(one => (
            <CountRow
              key={`${one.by} ${one.system} ${one.contract} ${one.field}`}
              of={one}
              byUser={byUser}
              most={most}
            />
          ))}
        </tbody>
      </table>
      {counts.length > FIRST && !all && (
        <div className={styles.more}>
          <Button size="compact-xs" variant="subtle" onClick={() => setAll(true)}>
            Show {count(counts.length - FIRST)} more
          </Button>
        </div>
      )}
    </>
  )
}

function CountRow({ of, byUser, most }: { of: Count; byUser: boolean; most: number }) {
  const { by, system, contract, field, label, became, last } = of
  const address = route.useSearch()
  const navigate = route.useNavigate()
  const chosen = { contract, field, system, ...(byUser && by !== null && { by }) }
  const isChosen =
    address.contract === contract && address.field === field && address.system === system && address.by === chosen.by
  const what = `${labelOf(contract)}: ${label}`
  return (
    <tr data-chosen={isChosen ? '' : undefined}>
      <th scope="row">
        <button
          type="button"
          className={styles.row}
          data-row=""
          aria-pressed={isChosen}
          onClick={() =>
            void navigate({
              search: ({ count }) => ({ ...(count && { count }), ...(!isChosen && chosen) }),
            })
          }
        >
          {byUser ? (by ?? 'Not told') : what}
        </button>
      </th>
      {byUser && <td>{what}</td>}
      <td>{system}</td>
      <td data-column="times">
        <span className={styles.times}>
          {count(of.count)}
          <meter className={styles.meter} min={0} max={most} value={of.count} aria-hidden="true" />
        </span>
      </td>
      <td className="quiet">{becameWords(became)}</td>
      <td className="quiet">
        <Ago at={last} />
      </td>
    </tr>
  )
}
