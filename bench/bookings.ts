// Quote to cash: from Salesforce's acceptance of quotes until their orders are booked in S/4HANA and known again in
// Salesforce, with real processes for the sandboxes, PostgreSQL and each worker.
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { isRow, rowsIn } from '../chaos/journal.ts'
import { openTraffic, type Traffic } from '../chaos/traffic.ts'
import { openWorld, type World } from '../chaos/world.ts'
import { type Cpu, cpuPer, cpuUsed, kindOfProcess } from './cpu.ts'
import { closing } from './ending.ts'
import { medians, percentile, rounded } from './figures.ts'

type BookingsFigures = {
  /** Bookings per second: from the first acceptance until the last order is booked. */
  readonly perSecond: number
  /** CPU for one booking until everything about it is at rest. */
  readonly cpuMs: {
    readonly engine: number
    readonly postgres: number
    readonly salesforce: number
    readonly s4: number
    readonly engineAndPostgres: number
  }
  readonly commits: number
  readonly walBytes: number
  /** Requests that a booking costs each system, polls and the sales people's own included. */
  readonly calls: { readonly salesforce: number; readonly s4: number }
}
export type BookingsResult = BookingsFigures & {
  readonly workers: number
  readonly quotes: number
  readonly times: number
  /** CPU per second when nothing happens. */
  readonly idleCpuMs: { readonly engine: number; readonly postgres: number }
}
export type LatencyResult = {
  readonly samples: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly slowest: number
}

type Size = { readonly quotes: number; readonly times: number }
type Say = (sentence: string) => void
type Opened = { readonly world: World; readonly traffic: Traffic; readonly watcher: pg.Client }

const restWithinMs = 60_000
/** PostgreSQL's counters of a connection follow this late. */
const countersLateMs = 1_200
const callSize = 200

export function measureBookings(workers: number, { quotes, times }: Size, say: Say): Promise<BookingsResult> {
  return inWorld(workers, async opened => {
    // Code that has never run is slow; no process of a real installation is that young.
    await book(opened, Math.ceil(quotes / 4))
    const idleCpuMs = await idle()
    const runs: BookingsFigures[] = []
    for (let time = 1; time <= times; time++) {
      const run = await book(opened, quotes)
      runs.push(run)
      say(
        `bookings, ${workers} workers, ${time} of ${times}: ${run.perSecond} per second, engine ${run.cpuMs.engine} ms, PostgreSQL ${run.cpuMs.postgres} ms`,
      )
    }
    return { workers, quotes, times, idleCpuMs, ...medians(runs) }
  })
}

async function inWorld<T>(workers: number, work: (opened: Opened) => Promise<T>): Promise<T> {
  const world = await openWorld()
  const watcher = new pg.Client({ connectionString: world.database.url })
  watcher.on('error', () => undefined)
  const close = async (): Promise<void> => {
    await watcher.end()
    await world.close()
  }
  return closing(close, async () => {
    const traffic = await openTraffic(world.salesforce.url, 1)
    await world.workers.start(workers)
    await watcher.connect()
    await until(async () => (await numberIn(watcher, 'select count(*) as n from plumbline.worker')) === workers)
    await atRest(watcher)
    return work({ world, traffic, watcher })
  })
}

async function book({ world, traffic, watcher }: Opened, quotes: number): Promise<BookingsFigures> {
  const drafts = await traffic.draft(quotes)
  await sleep(countersLateMs)
  await atRest(watcher)
  const booked = await numberIn(watcher, bookedSoFar)
  const [counts, calls, cpu] = [await countsIn(watcher), await callsTo(world), cpuUsed(kindOfProcess)]
  const began = performance.now()
  for (let at = 0; at < quotes; at += callSize) await traffic.accept(drafts.slice(at, at + callSize), 0)
  await until(async () => (await numberIn(watcher, bookedSoFar)) >= booked + quotes)
  const seconds = (performance.now() - began) / 1_000
  await atRest(watcher)
  const per = cpuPer(quotes, cpu, cpuUsed(kindOfProcess))
  await sleep(countersLateMs)
  const [countsAfter, callsAfter] = [await countsIn(watcher), await callsTo(world)]
  return {
    perSecond: rounded(quotes / seconds),
    cpuMs: cpuOf(per),
    commits: rounded((countsAfter.commits - counts.commits) / quotes),
    walBytes: rounded((countsAfter.wal - counts.wal) / quotes),
    calls: {
      salesforce: rounded((callsAfter.salesforce - calls.salesforce) / quotes),
      s4: rounded((callsAfter.s4 - calls.s4) / quotes),
    },
  }
}

function cpuOf({ engine = 0, postgres = 0, salesforce = 0, s4 = 0 }: Cpu): BookingsFigures['cpuMs'] {
  return {
    engine: rounded(engine),
    postgres: rounded(postgres),
    salesforce: rounded(salesforce),
    s4: rounded(s4),
    engineAndPostgres: rounded(engine + postgres),
  }
}

async function idle(): Promise<BookingsResult['idleCpuMs']> {
  const seconds = 4
  const before = cpuUsed(kindOfProcess)
  await sleep(seconds * 1_000)
  const { engine = 0, postgres = 0 } = cpuPer(seconds, before, cpuUsed(kindOfProcess))
  return { engine: rounded(engine), postgres: rounded(postgres) }
}

/** At rest: one quote at a time is accepted, and its order awaited in the S/4HANA sandbox's journal. */
export function measureLatency(samples: number, say: Say): Promise<LatencyResult> {
  return inWorld(1, async opened => {
    const warmUps = Math.min(20, Math.ceil(samples / 4))
    const drafts = await opened.traffic.draft(samples + warmUps)
    await atRest(opened.watcher)
    const all: number[] = []
    let journaled = await lastInJournal(opened.world)
    for (const [n, draft] of drafts.entries()) {
      // At every point of whatever polls in between.
      await sleep(100 + ((n * 37) % 300))
      await opened.traffic.accept([draft], 0)
      const acknowledged = Date.now()
      const order = await orderAfter(opened.world, journaled)
      journaled = order.n
      all.push(order.at - acknowledged)
      await atRest(opened.watcher)
    }
    const measured = all.slice(warmUps)
    const result = {
      samples,
      p50: percentile(measured, 50),
      p95: percentile(measured, 95),
      p99: percentile(measured, 99),
      slowest: percentile(measured, 100),
    }
    say(`latency: p50 ${result.p50} ms, p95 ${result.p95} ms, p99 ${result.p99} ms`)
    return result
  })
}

type Journaled = { readonly n: number; readonly at: number; readonly kind: string }

async function orderAfter(world: World, after: number): Promise<Journaled> {
  let found: Journaled | undefined
  await until(async () => {
    found = (await journal(world, after)).entries.find(entry => entry.kind === 'create')
    return found !== undefined
  })
  if (!found) throw new Error('No order came')
  return found
}

const lastInJournal = async (world: World): Promise<number> => (await journal(world, 0)).last

async function journal(
  world: World,
  after: number,
): Promise<{ readonly entries: readonly Journaled[]; readonly last: number }> {
  const answer = await rowAt(`${world.s4.url}/_sandbox/journal?object=A_SalesOrder&limit=10000&after=${after}`)
  const entries = rowsIn(answer.entries).map(({ n, at, kind }) => ({
    n: Number(n),
    at: Number(at),
    kind: String(kind),
  }))
  return { entries, last: Number(answer.last) }
}

const bookedSoFar = `select count(*) as n from plumbline.journey where checkpoint = 'Booked'`
const unfinished = `select (select count(*) from plumbline.inbox) + (select count(*) from plumbline.delivery where state <> 'idle')
  + (select count(*) from plumbline.journey where state = 'ready') as n`
const atRest = (watcher: pg.Client): Promise<void> => until(async () => (await numberIn(watcher, unfinished)) === 0)

async function numberIn(watcher: pg.Client, text: string): Promise<number> {
  const { rows } = await watcher.query<{ n: string }>({ name: text.slice(-60), text })
  return Number(rows[0]?.n)
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const late = performance.now() + restWithinMs
  while (!(await holds())) {
    if (performance.now() > late) throw new Error(`The engine did not come to rest within ${restWithinMs / 1_000} s`)
    await sleep(50)
  }
}

async function countsIn(watcher: pg.Client): Promise<{ readonly commits: number; readonly wal: number }> {
  const { rows } = await watcher.query<{ commits: string; wal: string }>(
    `select xact_commit as commits, pg_current_wal_lsn() - '0/0' as wal from pg_stat_database where datname = current_database()`,
  )
  return { commits: Number(rows[0]?.commits), wal: Number(rows[0]?.wal) }
}

async function callsTo(world: World): Promise<{ readonly salesforce: number; readonly s4: number }> {
  const requests = async (url: string): Promise<number> => {
    const { requests } = await rowAt(`${url}/_sandbox/stats`)
    const counts = isRow(requests) ? requests : {}
    return Number(counts.total ?? Object.values(counts).reduce((sum: number, count) => sum + Number(count), 0))
  }
  const [salesforce, s4] = await Promise.all([requests(world.salesforce.url), requests(world.s4.url)])
  return { salesforce, s4 }
}

async function rowAt(url: string): Promise<Record<string, unknown>> {
  const answer: unknown = await (await fetch(url)).json()
  if (!isRow(answer)) throw new Error(`${url} answered no object`)
  return answer
}
