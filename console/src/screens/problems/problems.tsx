// Problems: what is not well, by cause; what each blocks and is worth, and what to do.
import { useQuery } from '@tanstack/react-query'
import { problemsQuery } from '../../api/queries.ts'
import type { Problems as Found } from '../../api/types.ts'
import { Empty } from '../../parts/empty.tsx'
import { Failure } from '../../parts/failure.tsx'
import { LoadingRows } from '../../parts/loading.tsx'
import { Page, Panel } from '../../parts/page.tsx'
import { count, counted } from '../../words/format.ts'
import { systemsQuery } from '../systems/asked.ts'
import { CausePanel } from './cause-panel.tsx'
import { type Cause, causesOf } from './causes.ts'
import styles from './problems.module.css'

const MOST = 200

export function Problems() {
  const problems = useQuery(problemsQuery(MOST))
  const systems = useQuery(systemsQuery).data?.systems.map(one => one.system) ?? []
  const causes = problems.data && causesOf(problems.data.problems, systems)
  return (
    <Page title="Problems" about={causes && says(causes)}>
      {problems.isPending ? (
        <LoadingRows what="problems" />
      ) : problems.isError && !problems.data ? (
        <Failure error={problems.error} again={() => void problems.refetch()} />
      ) : causes?.length === 0 ? (
        <Panel>
          <Empty title="All is well">Nothing is held back, and every system answers.</Empty>
        </Panel>
      ) : (
        <>
          <div className={styles.causes}>
            {causes?.map(cause => (
              <CausePanel key={cause.key} cause={cause} />
            ))}
          </div>
          {problems.data && <NotShown of={problems.data} />}
        </>
      )}
    </Page>
  )
}

function says(causes: readonly Cause[]): string {
  if (causes.length === 0) return 'nothing is wrong'
  const people = causes.filter(one => one.needs === 'person').length
  const rest =
    people === 0 ? 'none needs a person' : people === causes.length ? 'a person is needed' : `${people} need a person`
  return `${counted(causes.length, 'cause')}, ${rest}`
}

/** The list is bounded; that it is says itself. */
function NotShown({ of: { counts, problems } }: { of: Found }) {
  const all = Object.values(counts).reduce((sum, many) => sum + many, 0)
  if (all <= problems.length) return null
  return (
    <p className="quiet">
      {count(problems.length)} of {count(all)} problems are grouped here, the gravest and oldest first.
    </p>
  )
}
