// Systems: the lane of each, what waits in it and why, and what a person can do about it.
import { useQuery } from '@tanstack/react-query'
import { Empty } from '../../parts/empty.tsx'
import { Failure } from '../../parts/failure.tsx'
import { LoadingRows } from '../../parts/loading.tsx'
import { Page } from '../../parts/page.tsx'
import { counted } from '../../words/format.ts'
import { type System, systemsQuery } from './asked.ts'
import { LanePanel } from './lane-panel.tsx'
import { stateOf } from './lane-words.ts'
import styles from './systems.module.css'

export function Systems() {
  const systems = useQuery(systemsQuery)
  return (
    <Page title="Systems" about={systems.data && says(systems.data.systems)}>
      {systems.isPending ? (
        <LoadingRows what="systems" />
      ) : systems.isError && !systems.data ? (
        <Failure error={systems.error} again={() => void systems.refetch()} />
      ) : systems.data.systems.length === 0 ? (
        <Empty title="The project names no system" icon="plug">
          Systems are what a project fills its roles with.
        </Empty>
      ) : (
        <div className={styles.systems}>
          {systems.data.systems.map(system => (
            <LanePanel key={system.system} system={system} />
          ))}
        </div>
      )}
    </Page>
  )
}

function says(systems: readonly System[]): string {
  const unwell = systems.filter(({ now }) => ['bad', 'warn'].includes(stateOf(now).tone)).length
  return unwell === 0
    ? `${counted(systems.length, 'system')}, all well`
    : `${unwell} of ${counted(systems.length, 'system')} not well`
}
