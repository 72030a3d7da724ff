// @plumbline/engine: runs a project on PostgreSQL, in any number of processes.
import { createHash } from 'node:crypto'
import type { Project } from '@plumbline/sdk'
import { type Flow, startFlow } from './flow.ts'
import { chance, type Host, type Log, masterKeyAt, monotonic, realHost } from './host.ts'
import { type Answered, ask, type Put } from './journeys/asking.ts'
import { mostWoken } from './journeys/put-off.ts'
import { readsOf } from './journeys/reads.ts'
import { AnswerCache } from './kernel/answer-cache.ts'
import { Lane } from './kernel/lanes.ts'
import { Lease } from './kernel/lease.ts'
import { personalIn } from './kernel/personal.ts'
import { type Plan, planOf, type SystemPlan } from './kernel/plan.ts'
import { todayOf } from './kernel/upgrade.ts'
import { openGaps } from './observe/comparisons.ts'
import { asNativeIds, type Running } from './running.ts'
import { buildNumber } from './store/builds.ts'
import { byIndex, Db, isAway } from './store/db.ts'
import { wakeWhoWaitsForSystem } from './store/follow-up.ts'
import { masterKey } from './store/master-key.ts'
import { makePartitions, migrate } from './store/migrate.ts'
import { Notifier } from './store/notify.ts'
import { PersonalKeys } from './store/personal-keys.ts'
import { bringRoutesUp } from './store/routes.ts'
import { sealStored } from './store/seal-stored.ts'
import { Sealing } from './store/sealing.ts'
import { seedTables, Tables } from './store/tables.ts'

export type Engine = {
  readonly db: Db
  readonly plan: Plan
  /** Ready when the database answers, the lease lives and each feed is followed and loaded by somebody. */
  ready(): Promise<Readiness>
  /** Puts a question to the system that answers it; absent when it only looks. */
  readonly ask?: (put: Put, fresh: boolean) => Promise<Answered>
  close(): Promise<void>
}

/** `catchingUp`: systems of which changes are being read that nobody told. The engine works, and knows less than all. */
export type Readiness = { ready: boolean; waitingFor: readonly string[]; catchingUp?: readonly string[] }

export type EngineOptions = {
  readonly project: Project
  readonly databaseUrl: string
  readonly log?: Log
  /** Run the stages in this process (default), or only look. */
  readonly work?: boolean
  readonly connections?: number
  /** How long after its attempt was committed a write may still be sent; an unanswered one is in doubt as long, and for one call more. */
  readonly sendWithinMs?: number
}

/** Connections for those who only look, beside the workers' own. */
const lookers = 4

export async function startEngine({
  project,
  databaseUrl,
  log = () => undefined,
  work = true,
  connections = 12,
  sendWithinMs = 5_000,
}: EngineOptions): Promise<Engine> {
  const host = realHost(log)
  const plan = planOf(project)
  const today = todayOf(plan.contracts)
  // Keys of persons are asked for beside the transactions that need them; with it the database is made ready, too.
  const keys = new Db(databaseUrl, 2, '', today)
  const open = [keys]
  const opened = (...of: ConstructorParameters<typeof Db>): Db => {
    const db = new Db(...of)
    open.push(db)
    return db
  }
  try {
    await migrate(keys)
    await makePartitions(keys)
    const sealing = await sealingOf(keys, plan, host)
    const db = opened(databaseUrl, work ? lookers : connections, '', today, sealing && { sealing, erased: 'in words' })
    await seedTables(db, plan.tables.values())
    const sealed = work ? await sealStored(db, plan) : 0
    if (sealed > 0) log(`What is personal of ${sealed} records was sealed: the project marks it now`)
    const stages = work
      ? opened(databaseUrl, connections, byIndex, today, sealing && { sealing, erased: 'absent' })
      : undefined
    const working = stages ? await startWorking(stages, host, plan, sendWithinMs) : undefined
    return {
      db,
      plan,
      ready: () => readiness(db, plan, working?.lease),
      ...(working && { ask: working.ask }),
      close: async () => {
        await working?.stop()
        await Promise.all(open.map(one => one.close()))
      },
    }
  } catch (error) {
    await Promise.all(open.map(one => one.close()))
    throw error
  }
}

/** Nothing for a project that knows no person. */
async function sealingOf(db: Db, plan: Plan, { processName }: Host): Promise<Sealing | undefined> {
  const personal = personalIn(plan)
  if (!personal) return undefined
  const master = await masterKey(db, masterKeyAt(), chance, processName)
  return new Sealing(personal, new PersonalKeys(db, master, chance, monotonic))
}

type Working = { readonly lease: Lease; readonly ask: NonNullable<Engine['ask']>; stop(): Promise<void> }

async function startWorking(db: Db, host: Host, plan: Plan, sendWithinMs: number): Promise<Working> {
  const systems = [...plan.systems.values()]
  const hash = buildOf(plan)
  const build = await buildNumber(db, hash, plan.project.project)
  const lease = new Lease(db, host, hash)
  const lanes = new Map(
    systems.map(system => {
      const lane = new Lane(system, db, host, lease.worker, () => void goOn(system.name))
      return [system.name, lane]
    }),
  )
  for (const lane of lanes.values()) await lane.prepare()
  await bringRoutesUp(db, plan, host)
  await db.query('insert into feed (system) select unnest($1::text[]) on conflict do nothing', [
    systems.filter(system => system.connector.spec.follow).map(system => system.name),
  ])
  await lease.start()
  let flow: Flow | undefined
  const notifier = new Notifier(db, host, told => {
    if (told === 'lanes') for (const lane of lanes.values()) lane.lookAgain()
    // Somebody was erased: what was sealed for them is not opened here any more either.
    if (told === 'persons') return db.sealing.forget()
    const [stage = '', system] = told.split('/')
    flow?.poke(stage, system)
  })
  await notifier.start()
  const connections = connectionsTo(host)
  const running: Running = {
    plan,
    db,
    host,
    lease,
    build,
    lane: system => lanes.get(system.name) as Lane,
    api: connections.to,
    sendWithinMs,
    tables: new Tables(),
    answers: new AnswerCache(),
    read: async (system, object, ids) =>
      (await (lanes.get(system.name) as Lane).run('batch', async () =>
        system.connector.objects[object]?.read?.(await connections.to(system), asNativeIds(ids)),
      )) ?? [],
    liveSince: system => liveSince(db, system),
    poke: (stage, only) => {
      for (const system of only ?? [undefined]) {
        flow?.poke(stage, system)
        notifier.tell(system === undefined ? stage : `${stage}/${system}`)
      }
    },
    isAway,
  }
  flow = startFlow(running)
  /** A system answers again: the journeys that it put off go on, the oldest first and at once; the others in rounds (flow.ts). */
  const goOn = async (system: string): Promise<void> => {
    notifier.tell('lanes')
    const woken = await wakeWhoWaitsForSystem(db, system, mostWoken).catch(() => 0)
    if (woken > 0) running.poke('journeys')
    flow?.poke('lanes')
  }
  const reads = readsOf(db)
  return {
    lease,
    ask: (put, fresh) => ask(running, reads, put, { fresh }),
    stop: async () => {
      await flow?.stop()
      await notifier.stop()
      await Promise.all([...lanes.values()].map(lane => lane.stop()))
      await connections.close()
      await lease.stop()
    },
  }
}

/** The api of each system, connected once; a failed connection is tried again by the next who asks. */
function connectionsTo(host: Host): { to(system: SystemPlan): Promise<unknown>; close(): Promise<void> } {
  const open = new Map<string, { system: SystemPlan; api: Promise<unknown> }>()
  return {
    to(system) {
      const known = open.get(system.name)
      if (known) return known.api
      const { connector, instance } = system
      const api = Promise.resolve().then(() => connector.spec.connect(instance.settings, host))
      open.set(system.name, { system, api })
      api.catch(() => open.delete(system.name))
      return api
    },
    async close() {
      for (const { system, api } of open.values())
        await Promise.resolve(api).then(
          api => system.connector.spec.close?.(api),
          () => undefined,
        )
    },
  }
}

async function liveSince(db: Db, system: SystemPlan): Promise<number> {
  const [feed] = await db.query<{ live_since: Date | null }>(
    { name: 'feed-live-since', text: 'select live_since from feed where system = $1' },
    [system.name],
  )
  return feed?.live_since?.getTime() ?? Number.POSITIVE_INFINITY
}

async function readiness(db: Db, plan: Plan, lease: Lease | undefined): Promise<Readiness> {
  const waitingFor: string[] = []
  const catchingUp: string[] = []
  if (lease && !lease.isAlive()) waitingFor.push('the lease of this worker')
  try {
    const feeds = await db.query<{
      system: string
      worker: string | null
      loaded_at: Date | null
      reason: string | null
    }>('select system, worker, loaded_at, reason from feed where system = any($1)', [[...plan.systems.keys()]])
    for (const gap of await openGaps(db)) catchingUp.push(`${gap.system}: ${gap.story}`)
    for (const feed of feeds) {
      if (feed.worker === null)
        waitingFor.push(`the feed of ${feed.system}${feed.reason === null ? '' : `: ${feed.reason}`}`)
      else if (feed.loaded_at === null) waitingFor.push(`the first load of ${feed.system}`)
    }
  } catch (error) {
    waitingFor.push(`the database: ${(error as Error).message}`)
  }
  return { ready: waitingFor.length === 0, waitingFor, ...(catchingUp.length > 0 && { catchingUp }) }
}

/** Processes of the same build run the same project: its shape, hashed. */
function buildOf(plan: Plan): string {
  const shape = JSON.stringify(plan.project, (_, value: unknown) =>
    typeof value === 'function' ? value.toString() : value,
  )
  return createHash('sha256').update(shape).digest('hex').slice(0, 12)
}

export { serve } from './gateway/server.ts'
export { refuseOtherAddresses } from './gateway/strangers.ts'
export type * from './gateway/types.ts'
export { check, type Finding, type Schemas } from './kernel/check.ts'
export type { Plan } from './kernel/plan.ts'
export {
  type CalendarLine,
  type Deviation,
  type InstanceLine,
  type Instances,
  type InstancesOfRole,
  instancesOf,
} from './observe/instances.ts'
export { ownersOf } from './observe/owners.ts'
export { schemaOf } from './observe/schema.ts'
export { Db } from './store/db.ts'
