// A lane in one line, for where it is not the subject.
import { useQuery } from '@tanstack/react-query'
import { For } from '../../parts/ago.tsx'
import { Badge } from '../../parts/badge.tsx'
import { count, moneys } from '../../words/format.ts'
import { systemsQuery } from './asked.ts'
import { stateOf } from './lane-words.ts'
import styles from './systems.module.css'

export function LaneLine({ system }: { system: string }) {
  const lane = useQuery(systemsQuery).data?.systems.find(one => one.system === system)?.now
  const { word, tone, icon, says } = stateOf(lane)
  return (
    <span className={styles.laneLine}>
      <Badge tone={tone} icon={icon} title={says}>
        {word}
      </Badge>
      {lane && (
        <span>
          {count(lane.inUse)} of {count(lane.limit.concurrency)} calls in use, {count(lane.queue)} waiting
          {lane.queue > 0 && <>, worth {moneys(lane.worthWaiting)}</>}
          {lane.oldestWaitingSince && (
            <>
              , the oldest for <For since={lane.oldestWaitingSince} />
            </>
          )}
        </span>
      )}
    </span>
  )
}
