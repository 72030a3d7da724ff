// Gaps and sweeps: what systems did not tell, why, what was missed, and that it was brought in.
import { Button, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { systemsQuery } from '../../api/queries.ts'
import { Empty } from '../../parts/empty.tsx'
import { Failure } from '../../parts/failure.tsx'
import { LoadingRows } from '../../parts/loading.tsx'
import { Page, Panel } from '../../parts/page.tsx'
import { useRowSteps } from '../../parts/row-steps.ts'
import { counted } from '../../words/format.ts'
import { type Comparison, comparisonsQuery } from './asked.ts'
import { ComparisonRows } from './comparison-rows.tsx'
import styles from './gaps.module.css'
import { SweepDialog } from './sweep-dialog.tsx'

const route = getRouteApi('/gaps')

export function Gaps() {
  const asked = route.useSearch()
  const [asking, setAsking] = useState(false)
  const { data, error, refetch } = useQuery(comparisonsQuery(asked))
  const all = data?.comparisons
  return (
    <Page
      title="Gaps and sweeps"
      about={all && says(all)}
      actions={
        <>
          <OfSystem />
          <Button size="xs" variant="default" onClick={() => setAsking(true)}>
            Compare a system…
          </Button>
        </>
      }
    >
      {all ? (
        all.length === 0 ? (
          <Panel>
            <Empty title="Nothing has been compared yet">
              When a system’s changes were not heard, what was missed stands here until all of it is brought in. Once a
              day all that a system has is compared with what is held of it, to be sure.
            </Empty>
          </Panel>
        ) : (
          <Found of={all} />
        )
      ) : error ? (
        <Failure error={error} again={() => void refetch()} />
      ) : (
        <LoadingRows what="gaps and sweeps" />
      )}
      <SweepDialog opened={asking} onClose={() => setAsking(false)} />
    </Page>
  )
}

const isGap = ({ kind }: Comparison): boolean => kind !== 'sweep'

function says(all: readonly Comparison[]): string {
  const open = all.filter(one => isGap(one) && one.state !== 'ended').length
  if (open > 0) return `${counted(open, 'gap')} being closed`
  const gaps = all.filter(isGap).length
  return gaps === 0 ? 'no gap' : `${counted(gaps, 'gap')}, all of it brought in`
}

/** Only where there is a choice. */
function OfSystem() {
  const { system } = route.useSearch()
  const navigate = route.useNavigate()
  const systems = useQuery(systemsQuery).data?.systems.map(one => one.system) ?? []
  if (systems.length < 2) return null
  return (
    <SegmentedControl
      size="xs"
      aria-label="System"
      value={system ?? ''}
      data={[{ value: '', label: 'All systems' }, ...systems]}
      onChange={value => void navigate({ search: value === '' ? {} : { system: value } })}
    />
  )
}

/** Gaps first: what was missed against our will. */
function Found({ of }: { of: readonly Comparison[] }) {
  const list = useRef<HTMLDivElement>(null)
  useRowSteps(list)
  return (
    <div ref={list} className={styles.found}>
      <Listed title="Gaps: what systems did not tell" of={of.filter(isGap)} />
      <Listed title="Sweeps: all there is, compared to be sure" of={of.filter(one => !isGap(one))} />
    </div>
  )
}

const Listed = ({ title, of }: { title: string; of: readonly Comparison[] }) =>
  of.length === 0 ? null : (
    <Panel title={title} flush>
      <table className={styles.table}>
        <caption className="sr-only">{title}, the newest first</caption>
        <thead>
          <tr>
            <th scope="col" data-column="system">
              System
            </th>
            <th scope="col" data-column="when">
              Begun
            </th>
            <th scope="col">Why</th>
            <th scope="col">What was found</th>
            <th scope="col" data-column="state">
              How it stands
            </th>
          </tr>
        </thead>
        <tbody>
          {of.map(one => (
            <ComparisonRows key={one.comparison} of={one} />
          ))}
        </tbody>
      </table>
    </Panel>
  )
