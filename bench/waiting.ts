// What it costs that very many journeys wait: how soon the list, the search and a story answer, disk, CPU while nothing
// happens, and how soon a thousand of them are woken.
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { end, readyWithin, startChild } from '../chaos/processes.ts'
import { openTraffic } from '../chaos/traffic.ts'
import { openWorld, type World } from '../chaos/world.ts'
import { cpuPer, cpuUsed, kindOfProcess } from './cpu.ts'
import { closing } from './ending.ts'
import { percentile, rounded } from './figures.ts'
import { buildConsole, lookAt } from './waiting/browser.ts'
import { multiply } from './waiting/multiply.ts'

export type WaitingSize = {
  /** How many wait in all. */
  readonly journeys: number
  /** How many of them the engine itself brought so far; the others are copies of their rows. */
  readonly real: number
  readonly idleSeconds: number
}
/** Milliseconds of one request, over HTTP. */
type Asked = { readonly median: number; readonly slowest: number }
type Idle = { readonly engine: number; readonly postgres: number }
export type WaitingResult = WaitingSize & {
  readonly asked: Readonly<Record<string, Asked>>
  /** Bytes of disk for each, tables and indexes. */
  readonly bytes: {
    /** Journey, steps, waits, tasks. */
    readonly journey: number
    /** Its records, what the systems hold of them, names, links, deliveries. */
    readonly records: number
    /** What was heard, changed, sent and announced, by month, to be dropped whole; of the copies every tenth has it. */
    readonly history: number
  }
  /** CPU per second while nothing happens: before the first journey, and with all of them waiting. */
  readonly idleCpuMs: { readonly empty: Idle; readonly waiting: Idle }
  /** From the first change that was heard until the last journey had gone on. */
  readonly woken: Woken
  /** Woken as any change does it, but by nothing that lets them go on: each looks and waits again. */
  readonly roused: Roused
}
type Roused = {
  readonly journeys: number
  readonly seconds: number
  readonly cpuMs: { readonly engine: number; readonly postgres: number }
}
type Woken = {
  readonly journeys: number
  readonly seconds: number
  /** Until the last change was heard, and until the last was understood: what remains is the waking itself. */
  readonly heardSeconds: number
  readonly understoodSeconds: number
  /** CPU for each, from S/4HANA's answering again until the last journey had gone on. */
  readonly cpuMs: { readonly engine: number; readonly postgres: number }
}
type Say = (sentence: string) => void

const patienceMs = 180_000
const repeats = 10
const products = ['TG11', 'TG12', 'TG13', 'TG20', 'TG21', 'TG22', 'FG126', 'FG228']

export async function measureWaiting(size: WaitingSize, say: Say): Promise<WaitingResult> {
  const world = await openWorld()
  const watcher = new pg.Client({ connectionString: world.database.url, options: '-c search_path=plumbline' })
  watcher.on('error', () => undefined)
  const close = async (): Promise<void> => {
    await watcher.end()
    await world.close()
  }
  return closing(close, async () => {
    await watcher.connect()
    const traffic = await openTraffic(world.salesforce.url, 1)
    for (const material of products) await atDoor(world, 'warehouse/stock', { material, quantity: '1000000' })
    await world.workers.start(1)
    await atRest(watcher)
    await sleep(3_000)
    const empty = await idle(size.idleSeconds)
    say(`idle, no journeys: engine ${empty.engine} ms, PostgreSQL ${empty.postgres} ms of CPU per second`)
    const before = await bytesIn(watcher)

    const drafts = await traffic.draft(size.real)
    for (let at = 0; at < drafts.length; at += 200) await traffic.accept(drafts.slice(at, at + 200), 0)
    // Some may wait for a person, who is asked about a price.
    await until(async () => (await booked(watcher)).length >= size.real * 0.9)
    await atRest(watcher)
    const real = await booked(watcher)
    say(`${real.length} journeys wait for their shipment, brought there by the engine`)

    const { history } = bytesPer(real.length, before, await bytesIn(watcher))
    await world.workers.end()
    await multiply(watcher, real, Math.round(size.journeys / real.length) - 1)
    // What autovacuum would do within the next minutes.
    await watcher.query('vacuum analyze')
    const journeys = Number((await watcher.query<{ n: string }>('select count(*) as n from journey')).rows[0]?.n)
    const bytes = { ...bytesPer(journeys, before, await bytesIn(watcher)), history }
    say(
      `${journeys} wait: ${bytes.journey} bytes each for the journey, ${bytes.records} for its records, ${bytes.history} of history`,
    )

    await world.workers.start(1)
    await atRest(watcher)
    const asked = await askAll(world, watcher, say)
    for (const [what, { median, slowest }] of Object.entries(asked)) say(`${what}: ${median} ms, slowest ${slowest} ms`)
    await sleep(5_000)
    const waiting = await idle(size.idleSeconds)
    say(`idle, ${journeys} wait: engine ${waiting.engine} ms, PostgreSQL ${waiting.postgres} ms of CPU per second`)
    const roused = await rouse(watcher, real)
    say(`${roused.journeys} roused in ${roused.seconds} s`)
    const woken = await wake(world, watcher, real)
    say(`${woken.journeys} woken in ${woken.seconds} s`)
    return { ...size, journeys, asked, bytes, idleCpuMs: { empty, waiting }, woken, roused }
  })
}

async function idle(seconds: number): Promise<Idle> {
  const before = cpuUsed(kindOfProcess)
  await sleep(seconds * 1_000)
  const { engine = 0, postgres = 0 } = cpuPer(seconds, before, cpuUsed(kindOfProcess))
  return { engine: rounded(engine), postgres: rounded(postgres) }
}

// ---- disk

const groups = {
  journey: ['journey', 'step', 'wait', 'task'],
  records: ['record', 'holding', 'delivery', 'name', 'match', 'link'],
  history: ['change', 'record_version', 'attempt', 'event'],
} as const
type Bytes = WaitingResult['bytes']

async function bytesIn(watcher: pg.Client): Promise<Bytes> {
  const sum = async (names: readonly string[]): Promise<number> => {
    const { rows } = await watcher.query<{ bytes: string }>(
      `select sum(pg_total_relation_size(c.oid)) as bytes
       from pg_class c left join pg_inherits i on i.inhrelid = c.oid left join pg_class p on p.oid = i.inhparent
       where c.relkind = 'r' and c.relnamespace = 'plumbline'::regnamespace and coalesce(p.relname, c.relname) = any($1)`,
      [names],
    )
    return Number(rows[0]?.bytes)
  }
  return {
    journey: await sum(groups.journey),
    records: await sum(groups.records),
    history: await sum(groups.history),
  }
}

const bytesPer = (journeys: number, before: Bytes, after: Bytes): Bytes => ({
  journey: Math.round((after.journey - before.journey) / journeys),
  records: Math.round((after.records - before.records) / journeys),
  history: Math.round((after.history - before.history) / journeys),
})

// ---- list, search, story

async function askAll(world: World, watcher: pg.Client, say: Say): Promise<Record<string, Asked>> {
  buildConsole()
  const api = startChild({
    name: 'api',
    script: new URL('../cli/src/main.ts', import.meta.url),
    args: [
      'serve',
      '--no-work',
      '--json',
      '--port',
      '0',
      '--project',
      fileURLToPath(new URL('../chaos/project.ts', import.meta.url)),
    ],
    env: { DATABASE_URL: world.database.url, SALESFORCE_URL: world.salesforce.url, S4_URL: world.s4.url },
    logs: `${world.folder}/logs`,
  })
  try {
    const { url } = await readyWithin(api, 30_000)
    const [one] = (
      await watcher.query<{ journey: string; number: string; native: string; ordered: string }>(
        `select j.journey, q.fields ->> 'number' as number, l.native_id as native, o.fields ->> 'number' as ordered
         from journey j join record q on q.ref = j.ref join link l on l.ref = q.ref and l.system = 'sales'
         join record o on o.about @> array[q.ref] and o.contract = 'order'
         where j.ended_at is null and exists (select from attempt a where a.ref = o.ref) order by j.journey limit 1 offset 100`,
      )
    ).rows
    if (!one) throw new Error('There is no journey to ask for')
    const next = encodeURIComponent(String((await answered(`${url}/api/journeys?state=open`)).next))
    const questions: Readonly<Record<string, string>> = {
      'list, first page with all facets': 'journeys?state=open',
      'list, second page': `journeys?state=open&after=${next}`,
      'list by stage': 'journeys?state=open&stage=Booked',
      'list by state': 'journeys?state=waiting',
      'list by system': 'journeys?state=open&system=s4',
      'list by age': 'journeys?state=open&age=hour',
      'list by worth': 'journeys?state=open&worth=1k-10k',
      'list of the late': 'journeys?late=true',
      'list by what it waits for': 'journeys?waits=record',
      'list by what nothing waits for': 'journeys?waits=person',
      'list, the most worth first': 'journeys?state=open&sort=worth',
      'list, due first': 'journeys?state=open&sort=due',
      'list, all filters at once': 'journeys?state=waiting&stage=Booked&system=s4&worth=1k-10k&waits=record&sort=worth',
      'list, searched by a number': `journeys?search=${one.number}`,
      'list, searched by a customer': 'journeys?search=Customer%2010100001',
      'search by a quote number': `search?q=${one.number}`,
      'search by an order number': `search?q=${one.ordered}`,
      "search by a system's id": `search?q=${one.native}`,
      'search by how thousands begin': 'search?q=00',
      'search by a customer': 'search?q=customer',
      'search for nothing': 'search?q=zzzz',
      'story, with payloads': `journeys/${one.number}`,
      numbers: 'numbers',
      problems: 'problems',
    }
    const asked: Record<string, Asked> = {}
    for (const [what, path] of Object.entries(questions)) asked[what] = await timesOf(`${url}/api/${path}`)
    const looked = await lookAt(String(url), one, repeats)
    if (!looked) say('there is no Chromium: what a person sees is not measured')
    return { ...asked, ...Object.fromEntries(Object.entries(looked ?? {}).map(([what, all]) => [what, inShort(all)])) }
  } finally {
    await end(api, 3_000)
  }
}

/** The first counts too: it is the one that a person waits for. */
async function timesOf(url: string): Promise<Asked> {
  const all: number[] = []
  for (let time = 0; time < repeats; time++) {
    const began = performance.now()
    await answered(url)
    all.push(performance.now() - began)
  }
  return inShort(all)
}

const inShort = (all: readonly number[]): Asked => ({
  median: rounded(percentile(all, 50)),
  slowest: rounded(percentile(all, 100)),
})

async function answered(url: string): Promise<Record<string, unknown>> {
  const answer = await fetch(url)
  const body: unknown = await answer.json()
  if (!answer.ok || typeof body !== 'object' || body === null) throw new Error(`${url} answers ${answer.status}`)
  return { ...body }
}

// ---- waking

async function rouse(watcher: pg.Client, journeys: readonly string[]): Promise<Roused> {
  const cpu = cpuUsed(kindOfProcess)
  const began = performance.now()
  await watcher.query(
    `with woken as (update journey set state = 'ready', due_at = clock_timestamp(), at = '-infinity' where journey = any($1))
     select pg_notify('plumbline', 'bench journeys')`,
    [journeys],
  )
  const asleep = `select count(*) as n from journey where journey = any($1) and state = 'waiting' and at > '-infinity'`
  await until(
    async () => Number((await watcher.query<{ n: string }>(asleep, [journeys])).rows[0]?.n) === journeys.length,
  )
  const seconds = rounded((performance.now() - began) / 1_000)
  const { engine = 0, postgres = 0 } = cpuPer(journeys.length, cpu, cpuUsed(kindOfProcess))
  return { journeys: journeys.length, seconds, cpuMs: { engine: rounded(engine), postgres: rounded(postgres) } }
}

/** All are shipped while S/4HANA does not answer, so that it tells of all of them at once. */
async function wake(world: World, watcher: pg.Client, journeys: readonly string[]): Promise<Woken> {
  const { rows } = await watcher.query<{ order: string }>(
    `select o.fields ->> 'number' as order from journey j join record o on o.about @> array[j.ref] and o.contract = 'order'
     where j.journey = any($1)`,
    [journeys],
  )
  await world.s4.misbehave({ unavailable: { rate: 1 } })
  for (let at = 0; at < rows.length; at += 20)
    await Promise.all(
      rows.slice(at, at + 20).map(({ order }) => atDoor(world, 'warehouse/ship', { salesOrder: order })),
    )
  const [begun] = (await watcher.query<{ at: Date }>('select clock_timestamp() as at')).rows
  const cpu = cpuUsed(kindOfProcess)
  await world.s4.misbehave()
  const shipped = async (): Promise<number> =>
    Number(
      (
        await watcher.query<{ n: string }>(
          `select count(*) as n from journey where journey = any($1) and reached ? 'Shipped'`,
          [journeys],
        )
      ).rows[0]?.n,
    )
  await until(async () => (await shipped()) === journeys.length)
  const { engine = 0, postgres = 0 } = cpuPer(journeys.length, cpu, cpuUsed(kindOfProcess))
  const [span] = (
    await watcher.query<{ seconds: number; heard: number; understood: number }>(
      `select extract(epoch from last.woken - first.at)::float as seconds, extract(epoch from first.until - first.at)::float as heard,
         extract(epoch from last.understood - first.at)::float as understood
       from (select min(at) as at, max(at) as until from change where at > $2 and system = 's4') first,
         (select max((j.reached ->> 'Shipped')::timestamptz) as woken, max(v.at) as understood
          from journey j join record o on o.about @> array[j.ref] and o.contract = 'order'
          join record_version v on v.ref = o.ref and v.fields ->> 'status' = 'shipped'
          where j.journey = any($1)) last`,
      [journeys, begun?.at],
    )
  ).rows
  return {
    journeys: journeys.length,
    seconds: rounded(span?.seconds ?? Number.NaN),
    heardSeconds: rounded(span?.heard ?? Number.NaN),
    understoodSeconds: rounded(span?.understood ?? Number.NaN),
    cpuMs: { engine: rounded(engine), postgres: rounded(postgres) },
  }
}

async function atDoor({ s4 }: World, door: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${s4.url}/_sandbox/${door}`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`S/4HANA's ${door} refuses ${JSON.stringify(body)}: ${await answer.text()}`)
}

async function booked(watcher: pg.Client): Promise<string[]> {
  const { rows } = await watcher.query<{ journey: string }>(
    `select journey from journey where checkpoint = 'Booked' and state = 'waiting' order by journey`,
  )
  return rows.map(({ journey }) => journey)
}

const unfinished = `select (select count(*) from inbox) + (select count(*) from delivery where state <> 'idle')
  + (select count(*) from journey where state = 'ready') + (select count(*) from event where seq is null) as n`
const atRest = (watcher: pg.Client): Promise<void> =>
  until(async () => Number((await watcher.query<{ n: string }>(unfinished)).rows[0]?.n) === 0)

async function until(holds: () => Promise<boolean>): Promise<void> {
  const late = performance.now() + patienceMs
  while (!(await holds())) {
    if (performance.now() > late)
      throw new Error(`It did not come about within ${patienceMs / 1_000} s: ${holds.toString()}`)
    await sleep(50)
  }
}
