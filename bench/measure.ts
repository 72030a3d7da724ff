// The measurements by name, and everything about the run that a reader of its figures must know.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../cli/src/postgres/index.ts'
import { type BookingsResult, type LatencyResult, measureBookings, measureLatency } from './bookings.ts'
import { closing } from './ending.ts'
import { type ExplainResult, measureExplain } from './explain.ts'
import { type Limits, measureLimits } from './limits.ts'
import { measureSync, type SyncResult, syncVariants } from './sync.ts'
import { measureTryton, type TrytonResult } from './tryton.ts'
import { measureWaiting, type WaitingResult } from './waiting.ts'

export const measurements = {
  limits: 'what this machine can do at most: one-row commits, a bare claim loop, a bare fetch loop',
  bookings: 'quotes accepted in Salesforce until booked in S/4HANA, with 1 and 2 workers; CPU per booking',
  latency: "from the acceptance's acknowledgement to the order in S/4HANA, one quote at a time",
  sync: 'small patches per second from one system to another, without any real system',
  waiting: '50,000 journeys that wait: list, search and story, disk, CPU while nothing happens, waking 1,000',
  explain: 'why a field has its value, with 10,000,000 stored: 200 fields over HTTP',
  tryton: 'orders booked in a real Tryton, by one connection alone and by the engine; questions asked meanwhile',
} as const
export type Measurement = keyof typeof measurements
export const isMeasurement = (name: string): name is Measurement => Object.hasOwn(measurements, name)

export type Report = {
  readonly at: string
  readonly machine: Machine
  /** Short and rough, to see that it works. */
  readonly quick: boolean
  /** Measured in every run: all other figures are read beside them. */
  readonly limits: Limits
  readonly bookings?: readonly BookingsResult[]
  readonly latency?: LatencyResult
  readonly sync?: readonly SyncResult[]
  readonly waiting?: WaitingResult
  readonly explain?: ExplainResult
  readonly tryton?: TrytonResult
  /** How busy the machine was, by the minute, before and after. */
  readonly loadAverage: readonly [before: number, after: number]
}
type Machine = { readonly cores: number; readonly cpu: string; readonly node: string }

const sizes = {
  full: {
    limitMs: 3_000,
    bookings: { quotes: 500, times: 3 },
    samples: 100,
    sync: { records: 20_000, patches: 60_000, times: 3 },
    waiting: { journeys: 50_000, real: 1_000, idleSeconds: 62 },
    explain: { sources: 10_000_000, asked: 200 },
    tryton: { orders: 60, alone: 20 },
  },
  quick: {
    limitMs: 400,
    bookings: { quotes: 60, times: 1 },
    samples: 10,
    sync: { records: 500, patches: 1_500, times: 1 },
    waiting: { journeys: 2_000, real: 200, idleSeconds: 4 },
    explain: { sources: 100_000, asked: 40 },
    tryton: { orders: 12, alone: 5 },
  },
} as const

export async function measure(
  names: ReadonlySet<Measurement>,
  { quick, times }: { readonly quick: boolean; readonly times: number | undefined },
  say: (sentence: string) => void,
): Promise<Report> {
  const size = quick ? sizes.quick : sizes.full
  const repeated = times === undefined ? {} : { times }
  const [before = 0] = loadavg()
  const limits = await limitsOf(size.limitMs)
  say(
    `limits: ${limits.commit.perSecond} commits, ${limits.claim.perSecond} claims, ${limits.fetch.perSecond} fetches per second`,
  )
  const bookings: BookingsResult[] = []
  if (names.has('bookings'))
    for (const workers of [1, 2]) bookings.push(await measureBookings(workers, { ...size.bookings, ...repeated }, say))
  const latency = names.has('latency') ? await measureLatency(size.samples, say) : undefined
  const sync: SyncResult[] = []
  if (names.has('sync'))
    for (const variant of quick ? syncVariants.slice(0, 1) : syncVariants)
      sync.push(await measureSync(variant, { ...size.sync, ...repeated }, say))
  const waiting = names.has('waiting') ? await measureWaiting(size.waiting, say) : undefined
  const explain = names.has('explain') ? await measureExplain(size.explain, say) : undefined
  const tryton = names.has('tryton') ? await measureTryton(size.tryton, say) : undefined
  const [after = 0] = loadavg()
  return {
    at: new Date().toISOString(),
    machine: { cores: availableParallelism(), cpu: cpus()[0]?.model ?? 'unknown', node: process.version },
    quick,
    limits,
    ...(bookings.length > 0 && { bookings }),
    ...(latency && { latency }),
    ...(sync.length > 0 && { sync }),
    ...(waiting && { waiting }),
    ...(explain && { explain }),
    ...(tryton && { tryton }),
    loadAverage: [before, after],
  }
}

async function limitsOf(ms: number): Promise<Limits> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-bench-'))
  const logs = join(folder, 'logs')
  await mkdir(logs)
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), port: 0 })
  const close = async (): Promise<void> => {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
  return closing(close, () => measureLimits(postgres.url, logs, ms))
}
