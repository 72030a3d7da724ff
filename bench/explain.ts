// How soon it is said why a field has its value, with ten million stored: over HTTP, of records with short and long histories.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { type Child, end, readyWithin, startChild } from '../chaos/processes.ts'
import { startPostgres } from '../cli/src/postgres/index.ts'
import { cpuPer, cpuUsed, kindOfProcess } from './cpu.ts'
import { closing } from './ending.ts'
import { type Filled, fill } from './explain/fill.ts'
import { percentile, rounded } from './figures.ts'

export type ExplainSize = {
  /** Values that fields took, each with where it came from. */
  readonly sources: number
  readonly asked: number
}
type Asked = { readonly p50: number; readonly p95: number; readonly slowest: number }
export type ExplainResult = Filled & {
  readonly asked: number
  /** Milliseconds of one request, by how often the record was edited. */
  readonly fields: Readonly<Record<string, Asked>>
  /** CPU for one field, of whoever serves and of PostgreSQL. */
  readonly cpuMs: { readonly engine: number; readonly postgres: number }
  /** All fields of a record in a line each. */
  readonly wholes: Asked
  /** Bytes of disk of what explanations are made of, for each source. */
  readonly bytesPerSource: number
}
const WARM = 40

type Say = (sentence: string) => void

export async function measureExplain({ sources, asked }: ExplainSize, say: Say): Promise<ExplainResult> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-bench-'))
  const [logs, tallies] = [join(folder, 'logs'), join(folder, 'tallies')]
  await Promise.all([mkdir(logs), mkdir(tallies)])
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), port: 0 })
  const client = new pg.Client({ connectionString: postgres.url })
  client.on('error', () => undefined)
  let api: Child | undefined
  const close = async (): Promise<void> => {
    if (api) await end(api, 3_000)
    await client.end()
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
  return closing(close, async () => {
    const env = {
      DATABASE_URL: postgres.url,
      BENCH_FOLDER: tallies,
      BENCH_RECORDS: '0',
      BENCH_PATCHES: '0',
      BENCH_WINDOW: '0',
    }
    api = startChild({ name: 'api', script: main, args, env, logs })
    // It makes the tables.
    const { url } = await readyWithin(api, 30_000)
    await client.connect()
    const began = performance.now()
    const filled = await fill(client, sources)
    say(
      `${filled.sources} field sources in ${filled.versions} versions of ${filled.records} records, written in ${seconds(began)} s`,
    )
    const bytes = Number((await client.query<{ bytes: string }>(sizes)).rows[0]?.bytes)
    // A process that serves has served before.
    await askFields(String(url), client, filled.records, WARM)
    const before = cpuUsed(kindOfProcess)
    const fields = await askFields(String(url), client, filled.records, asked)
    const { engine = 0, postgres: server = 0 } = cpuPer(asked, before, cpuUsed(kindOfProcess))
    for (const [what, { p50, p95, slowest }] of Object.entries(fields))
      say(`${what}: ${p50} ms, p95 ${p95} ms, slowest ${slowest} ms`)
    const wholes = await times(
      pick(await refsOf(client, filled.records), 40),
      async ref => void (await answer(`${url}/api/explain/item/${ref.ref}`)),
    )
    const cpuMs = { engine: rounded(engine), postgres: rounded(server) }
    return {
      ...filled,
      asked,
      fields,
      cpuMs,
      wholes: asFigures(wholes),
      bytesPerSource: rounded(bytes / filled.sources),
    }
  })
}

const main = new URL('../cli/src/main.ts', import.meta.url)
const project = fileURLToPath(new URL('sync/project.ts', import.meta.url))
const args = ['serve', '--no-work', '--json', '--port', '0', '--project', project]

const seconds = (since: number): number => Math.round((performance.now() - since) / 1_000)

const sizes = `
  select sum(pg_total_relation_size(c.oid)) as bytes
  from pg_class c left join pg_inherits i on i.inhrelid = c.oid left join pg_class p on p.oid = i.inhparent
  where c.relkind = 'r' and c.relnamespace = 'plumbline'::regnamespace and coalesce(p.relname, c.relname) in ('record_version', 'change', 'attempt')`

type Ref = {
  readonly ref: string
  readonly version: number
  readonly sources: Readonly<Record<string, number>>
  readonly edited: string
}

/** Records of each kind of history, drawn by chance: the same ones in every run. */
async function refsOf(client: pg.Client, records: number): Promise<Ref[]> {
  const drawn = Array.from({ length: 400 }, (_, n) => 1 + ((n * 7_919 * 104_729) % records))
  const hot = Array.from({ length: 120 }, (_, n) => 100 * (1 + ((n * 7_919) % Math.max(1, Math.floor(records / 100)))))
  const hottest = Array.from({ length: 40 }, (_, n) => 10_000 * (1 + (n % Math.max(1, Math.floor(records / 10_000)))))
  const { rows } = await client.query<Ref>(
    `select ref, version, sources, case when version > 1000 then 'edited 10,000 times' when version > 100 then 'edited 200 times' else 'edited up to 4 times' end as edited
     from record where ref = any($1::text[]) order by md5(ref)`,
    [[...drawn, ...hot, ...hottest].filter(r => r <= records).map(r => `item-${String(r).padStart(20, '0')}`)],
  )
  return rows
}

const pick = <T>(all: readonly T[], many: number): T[] =>
  Array.from({ length: many }, (_, n) => all[(n * 31) % all.length] as T)

/** Of all that are asked one in five has a long history, one in ten a very long one. Each answer is checked. */
async function askFields(
  url: string,
  client: pg.Client,
  records: number,
  asked: number,
): Promise<Record<string, Asked>> {
  const refs = Map.groupBy(await refsOf(client, records), one => one.edited)
  const shares = { 'edited up to 4 times': 0.7, 'edited 200 times': 0.2, 'edited 10,000 times': 0.1 }
  const all: number[] = []
  const figures: Record<string, Asked> = {}
  for (const [edited, share] of Object.entries(shares)) {
    const some = refs.get(edited)
    if (!some) continue
    const took = await times(pick(some, Math.round(asked * share)), (ref, n) => askOne(url, ref, n))
    all.push(...took)
    figures[`a field of a record ${edited}`] = asFigures(took)
  }
  return { [`all ${all.length} fields`]: asFigures(all), ...figures }
}

async function askOne(url: string, { ref, sources }: Ref, n: number): Promise<void> {
  const names = Object.keys(sources)
  const field = names[(n * 17) % names.length] ?? ''
  const { origin } = (await answer(`${url}/api/explain/item/${ref}/${field}`)) as {
    origin: { version: number; by: string; change: unknown }
  }
  const version = sources[field] ?? 0
  const by = version === 1 ? 'loader' : `person-${version % 50}`
  if (origin.version !== version || origin.by !== by || !origin.change)
    throw new Error(
      `${field} of ${ref} is of version ${version} by ${by}, and was explained as ${JSON.stringify(origin)}`,
    )
}

async function answer(address: string): Promise<unknown> {
  const response = await fetch(address)
  if (!response.ok) throw new Error(`${address} answered ${response.status}: ${await response.text()}`)
  return response.json()
}

async function times<T>(all: readonly T[], ask: (one: T, n: number) => Promise<void>): Promise<number[]> {
  const took: number[] = []
  for (const [n, one] of all.entries()) {
    const began = performance.now()
    await ask(one, n)
    took.push(performance.now() - began)
  }
  return took
}

const asFigures = (took: readonly number[]): Asked => ({
  p50: rounded(percentile(took, 50)),
  p95: rounded(percentile(took, 95)),
  slowest: rounded(Math.max(...took)),
})
