// Record sync without any system's own cost: changes told by one system in memory until they are written to another.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { type Child, end, readyWithin, startChild } from '../chaos/processes.ts'
import { startPostgres } from '../cli/src/postgres/index.ts'
import { cpuPer, cpuUsed, kindOfProcess } from './cpu.ts'
import { closing } from './ending.ts'
import { medians, rounded } from './figures.ts'
import { goFile, tallyOf } from './sync/connector.ts'

export type SyncSize = {
  readonly records: number
  readonly patches: number
  readonly times: number
}
export type SyncVariant = { readonly name: string; readonly ways: 'one' | 'two'; readonly workers: number }
export const syncVariants: readonly SyncVariant[] = [
  { name: 'one way, 1 worker', ways: 'one', workers: 1 },
  { name: 'one way, 2 workers', ways: 'one', workers: 2 },
  { name: 'two ways with echoes, 1 worker', ways: 'two', workers: 1 },
]

type SyncFigures = {
  /** Records per second of the first load, both systems together. */
  readonly loadedPerSecond: number
  /** Patches that the other system has taken, per second. */
  readonly patchesPerSecond: number
  /** CPU for one patch, end to end. */
  readonly cpuMs: { readonly engine: number; readonly postgres: number }
  /** Fewer than one when two changes of a record became one patch. */
  readonly versionsPerPatch: number
  readonly commitsPerPatch: number
  readonly walBytesPerPatch: number
}
export type SyncResult = SyncFigures & SyncVariant & SyncSize

const restWithinMs = 300_000

export async function measureSync(
  variant: SyncVariant,
  size: SyncSize,
  say: (sentence: string) => void,
): Promise<SyncResult> {
  const runs: SyncFigures[] = []
  for (let time = 1; time <= size.times; time++) {
    const run = await syncOnce(variant, size)
    runs.push(run)
    say(
      `sync ${variant.name}, ${time} of ${size.times}: ${run.patchesPerSecond} patches/s, ${run.cpuMs.engine} + ${run.cpuMs.postgres} ms`,
    )
  }
  return { ...variant, ...size, ...medians(runs) }
}

async function syncOnce({ ways, workers }: SyncVariant, { records, patches }: SyncSize): Promise<SyncFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-bench-'))
  const logs = join(folder, 'logs')
  const tallies = join(folder, 'tallies')
  await Promise.all([mkdir(logs), mkdir(tallies)])
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), port: 0 })
  const crew: Child[] = []
  const watcher = new pg.Client({ connectionString: postgres.url })
  watcher.on('error', () => undefined)
  const close = async (): Promise<void> => {
    await Promise.all(crew.map(worker => end(worker, 3_000)))
    await watcher.end()
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
  return closing(close, async () => {
    await watcher.connect()
    const env = {
      DATABASE_URL: postgres.url,
      BENCH_FOLDER: tallies,
      BENCH_RECORDS: String(records),
      BENCH_PATCHES: String(patches),
      BENCH_WINDOW: String(Math.ceil(records / 3)),
      BENCH_WAYS: ways,
    }
    const began = performance.now()
    for (let n = 1; n <= workers; n++) crew.push(startChild({ name: `worker-${n}`, script: main, args, env, logs }))
    await Promise.all(crew.map(worker => readyWithin(worker, restWithinMs)))
    await rest(watcher, () => true)
    const loadSeconds = (performance.now() - began) / 1_000
    return {
      loadedPerSecond: rounded((2 * records) / loadSeconds),
      ...(await patched(watcher, tallies, records, patches)),
    }
  })
}

const main = new URL('../cli/src/main.ts', import.meta.url)
const args = ['worker', '--json', '--project', fileURLToPath(new URL('sync/project.ts', import.meta.url))]

async function patched(
  watcher: pg.Client,
  tallies: string,
  records: number,
  patches: number,
): Promise<Omit<SyncFigures, 'loadedPerSecond'>> {
  const before = await countsIn(watcher)
  const cpu = cpuUsed(kindOfProcess)
  const began = performance.now()
  await writeFile(goFile(tallies), '')
  await rest(watcher, () => {
    const [crm, erp] = [tallyOf(tallies, 'crm'), tallyOf(tallies, 'erp')]
    return crm.written + erp.written >= patches && crm.echoes + erp.echoes === 0
  })
  const seconds = (performance.now() - began) / 1_000
  const per = cpuPer(patches, cpu, cpuUsed(kindOfProcess))
  const after = await countsIn(watcher)
  await prove(watcher, records)
  return {
    patchesPerSecond: rounded(patches / seconds),
    cpuMs: { engine: rounded(per.engine ?? 0), postgres: rounded(per.postgres ?? 0) },
    versionsPerPatch: rounded((after.versions - before.versions) / patches),
    commitsPerPatch: rounded((after.commits - before.commits) / patches),
    walBytesPerPatch: rounded((after.wal - before.wal) / patches),
  }
}

/** Waits until nothing remains to be understood or delivered. */
async function rest(watcher: pg.Client, isTold: () => boolean): Promise<void> {
  const until = performance.now() + restWithinMs
  while (performance.now() < until) {
    if (isTold() && (await isAtRest(watcher))) return
    await sleep(50)
  }
  throw new Error(`Record sync did not come to rest within ${restWithinMs / 1_000} s`)
}

const isAtRest = async (watcher: pg.Client): Promise<boolean> =>
  (
    await watcher.query(
      `select from plumbline.inbox union all select from plumbline.delivery where state <> 'idle' limit 1`,
    )
  ).rowCount === 0

type Counts = { readonly versions: number; readonly commits: number; readonly wal: number }
async function countsIn(watcher: pg.Client): Promise<Counts> {
  const { rows } = await watcher.query<Record<keyof Counts, string>>(
    `select (select count(*) from plumbline.record_version) as versions, pg_current_wal_lsn() - '0/0' as wal,
       (select xact_commit from pg_stat_database where datname = current_database()) as commits`,
  )
  const [row] = rows
  return { versions: Number(row?.versions), commits: Number(row?.commits), wal: Number(row?.wal) }
}

/** A fast engine that is wrong is not fast: both systems must hold the same of every record. */
async function prove(watcher: pg.Client, records: number): Promise<void> {
  const { rows } = await watcher.query<{ same: string; all: string }>(
    `select count(*) filter (where a.native = b.native) as same, count(*) as all
     from plumbline.holding a join plumbline.holding b using (ref) where a.system = 'crm' and b.system = 'erp'`,
  )
  const [row] = rows
  if (Number(row?.all) !== records || Number(row?.same) !== records)
    throw new Error(`Of ${records} records, ${row?.all} are in both systems and ${row?.same} are the same in both`)
}
