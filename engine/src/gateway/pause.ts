// A person pauses a system, and resumes it: calls to it wait, visibly, with who and why. What it tells is still heard.
import { pauseWords } from '../kernel/lanes.ts'
import type { Plan, SystemPlan } from '../kernel/plan.ts'
import type { Paused } from '../observe/systems.ts'
import { audit } from '../store/audit.ts'
import type { Db, Query, Tx } from '../store/db.ts'
import { wakeWhoWaitsForSystem } from '../store/follow-up.ts'
import { tellWorkers } from '../store/notify.ts'
import { problem } from './problems.ts'

/** Since when stays, when somebody else pauses what is paused already: the latest reason counts. */
const pause: Query = {
  name: 'lane-pause',
  text: `
    insert into lane (system, concurrency, per_second, paused, paused_by, pause_reason, paused_at)
    values ($1, $2, $3, true, $4, $5, clock_timestamp())
    on conflict (system) do update set paused = true, paused_by = excluded.paused_by, pause_reason = excluded.pause_reason,
      paused_at = case when lane.paused then lane.paused_at else excluded.paused_at end
    returning paused_by as by, paused_at as since, pause_reason as reason`,
}
const resume: Query = {
  name: 'lane-resume',
  text: 'update lane set paused = false, paused_by = null, paused_at = null, pause_reason = null where system = $1 and paused returning system',
}
/** Changes that could not be understood without a look at the system. Uses inbox_due. */
const wakeChanges: Query = {
  name: 'lane-resume-changes',
  text: `
    update inbox set due_at = clock_timestamp(), tries = 0
    where system = $1 and worker is null and not parked and due_at > clock_timestamp() and tries > 0`,
}
const announce: Query = {
  name: 'lane-event',
  text: 'insert into event (id, type, subject, data) values (gen_random_uuid(), $1, $2, $3)',
}

export type PauseRequest = { readonly by: string; readonly reason: string }
export type PauseAnswer = { readonly system: string; readonly paused: Paused | null }

export async function pauseSystem(db: Db, plan: Plan, system: string, request: PauseRequest): Promise<PauseAnswer> {
  const { name, concurrency, perSecond } = systemNamed(plan, system)
  const by = request.by.trim()
  const reason = request.reason.trim()
  const paused = await db.transaction(async tx => {
    const [row] = await tx.query<Paused>(pause, [name, concurrency, perSecond ?? null, by, reason])
    await tell(tx, 'system.paused', name, { by, reason, sentence: pauseWords(name, by, reason) })
    await audit(tx, { by, what: 'paused', about: name, why: reason })
    return row ?? null
  })
  tellWorkers(db, 'lanes', 'announce')
  return { system: name, paused }
}

/** Nothing happens to one that is not paused. */
export async function resumeSystem(db: Db, plan: Plan, system: string, request: { by: string }): Promise<PauseAnswer> {
  const { name } = systemNamed(plan, system)
  const by = request.by.trim()
  await db.transaction(async tx => {
    const resumed = await tx.query(resume, [name])
    if (resumed.length === 0) return
    await wakeWhoWaitsForSystem(tx, name, mostWoken)
    await tx.query(wakeChanges, [name])
    await tell(tx, 'system.resumed', name, { by, sentence: `${name} is resumed by ${by}` })
    await audit(tx, { by, what: 'resumed', about: name })
  })
  tellWorkers(db, 'lanes', 'understand', 'deliver', 'journeys', 'announce')
  return { system: name, paused: null }
}

/** Of tens of thousands the oldest begin at once; workers wake the others in rounds (journeys/put-off.ts). */
const mostWoken = 2_000

const tell = (tx: Tx, type: string, system: string, data: object): Promise<unknown> =>
  tx.query(announce, [type, system, JSON.stringify({ system, ...data })])

function systemNamed(plan: Plan, name: string): SystemPlan {
  const system = plan.systems.get(name)
  if (system) return system
  throw problem(
    'not-found',
    `The project has no system "${name}".`,
    `Name one of: ${[...plan.systems.keys()].join(', ')}.`,
  )
}
