// What this machine can do at most, now: PostgreSQL's one-row commits, a bare claim loop and a bare fetch loop.
// Every other figure is to be read beside these; the machine and its neighbours differ, the ratios hardly.
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { end, readyWithin, startChild } from '../chaos/processes.ts'
import { cpuUsed, kindOfProcess } from './cpu.ts'
import { rounded } from './figures.ts'

type Limit = {
  readonly perSecond: number
  /** CPU for one of them: at the client, and at PostgreSQL or the server that answers. */
  readonly cpuMs: { readonly client: number; readonly server: number }
}
export type Limits = { readonly commit: Limit; readonly claim: Limit; readonly fetch: Limit }

const strands = 8
/** Nobody's bookkeeping should be part of what is measured. */
const settleMs = 200

/** `database` is the URL of a server; the tables are dropped again. */
export async function measureLimits(database: string, logs: string, ms: number): Promise<Limits> {
  const commit = await onDatabase(database, commitLoop, ms)
  const claim = await onDatabase(database, claimLoop, ms)
  return { commit, claim, fetch: await fetchLoop(logs, ms) }
}

type Loop = { readonly prepare: string; readonly drop: string; readonly once: (client: pg.Client) => Promise<unknown> }

const body = JSON.stringify({ name: 'x'.repeat(1_000) })
const commitLoop: Loop = {
  prepare: 'create table bench_commit (id bigint generated always as identity primary key, body jsonb not null)',
  drop: 'drop table bench_commit',
  once: client =>
    client.query({ name: 'commit', text: 'insert into bench_commit (body) values ($1::jsonb)', values: [body] }),
}

/** As the engine claims: one row, passing over those that others claim; then, under its epoch, done. */
const claimLoop: Loop = {
  prepare: `create table bench_claim (id bigint generated always as identity primary key, due_at timestamptz not null default clock_timestamp(),
              worker text, epoch int not null default 0, body jsonb not null);
            create index on bench_claim (due_at) where worker is null;
            insert into bench_claim (body) select jsonb_build_object('name', repeat('x', 1000)) from generate_series(1, 2000)`,
  drop: 'drop table bench_claim',
  async once(client) {
    const { rows } = await client.query<{ id: string; epoch: number }>({
      name: 'claim',
      text: `with free as (select ctid from bench_claim where worker is null and due_at <= clock_timestamp() order by due_at limit 1 for update skip locked)
             update bench_claim set worker = 'bench', epoch = epoch + 1 from free where bench_claim.ctid = free.ctid returning id, epoch, body`,
    })
    await client.query({
      name: 'done',
      text: 'update bench_claim set worker = null, due_at = clock_timestamp() where id = $1 and epoch = $2',
      values: [rows[0]?.id, rows[0]?.epoch],
    })
  },
}

async function onDatabase(url: string, { prepare, drop, once }: Loop, ms: number): Promise<Limit> {
  const clients = Array.from({ length: strands }, () => new pg.Client({ connectionString: url }))
  await Promise.all(clients.map(client => client.connect()))
  const [first] = clients
  await first?.query(prepare)
  try {
    return await timed(
      'postgres',
      clients.map(client => () => once(client)),
      ms,
    )
  } finally {
    await first?.query(drop)
    await Promise.all(clients.map(client => client.end()))
  }
}

async function fetchLoop(logs: string, ms: number): Promise<Limit> {
  const server = startChild({ name: 'answering', script: new URL('answering.ts', import.meta.url), args: [], logs })
  try {
    const { port } = await readyWithin(server, 10_000)
    const once = async (): Promise<unknown> => (await fetch(`http://127.0.0.1:${port}/`)).json()
    return await timed(
      'server',
      Array.from({ length: strands }, () => once),
      ms,
    )
  } finally {
    await end(server, 1_000)
  }
}

/** Runs each strand again and again for so long. A tenth of the time goes by before anything counts. */
async function timed(server: string, each: readonly (() => Promise<unknown>)[], ms: number): Promise<Limit> {
  await repeat(each, ms / 10)
  await sleep(settleMs)
  const [cpu, own, began] = [cpuUsed(kindOfProcess)[server] ?? 0, process.cpuUsage(), performance.now()]
  const done = await repeat(each, ms)
  const seconds = (performance.now() - began) / 1_000
  const { user, system } = process.cpuUsage(own)
  await sleep(settleMs)
  return {
    perSecond: rounded(done / seconds),
    cpuMs: {
      client: rounded((user + system) / 1_000 / done),
      server: rounded(((cpuUsed(kindOfProcess)[server] ?? 0) - cpu) / done),
    },
  }
}

async function repeat(each: readonly (() => Promise<unknown>)[], ms: number): Promise<number> {
  const until = performance.now() + ms
  let done = 0
  await Promise.all(
    each.map(async once => {
      while (performance.now() < until) {
        await once()
        done++
      }
    }),
  )
  return done
}
