// The world of the campaign with a real ERP: Salesforce's sandbox, Tryton with a proxy before it, PostgreSQL and some workers. Tryton
// is reached by the workers through the proxy alone; people and checks go to it directly.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomOf } from '../../test/support/random.ts'
import { startTryton, type Tryton } from '../../test/support/tryton/index.ts'
import { type Database, openDatabase } from '../database.ts'
import { type Child, end, readyWithin, startChild } from '../processes.ts'
import { at, Crew, doorsOf, type Sandbox, salesforceAt, salesforceIn } from '../world.ts'
import { type FaultProxy, openProxy } from './proxy.ts'

export type TrytonWorld = {
  readonly folder: string
  readonly salesforce: Sandbox
  readonly tryton: Tryton
  readonly proxy: FaultProxy
  readonly database: Database
  readonly workers: Crew
  /** What a process of the engine must be told to find all of it. */
  readonly env: Readonly<Record<string, string>>
  close(): Promise<void>
}
type Options = { readonly seed: number; readonly longestCallMs?: number; readonly keep?: boolean }

/** The project that the workers run. */
export const project = at('chaos/tryton/project.ts')

export async function openTrytonWorld({ seed, longestCallMs, keep = false }: Options): Promise<TrytonWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-chaos-'))
  const logs = join(folder, 'logs')
  await mkdir(logs)
  const closing: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => {
    // The workers first, and what they work with after them.
    for (const one of closing.reverse()) await one().catch(() => undefined)
    if (!keep) await rm(folder, { recursive: true, force: true })
  }
  try {
    const tryton = await startTryton()
    closing.push(tryton.stop)
    const proxy = await openProxy(tryton.url, randomOf(seed, 'proxy'))
    closing.push(proxy.close)
    const [script, args] = salesforceIn(folder)
    const salesforce: Child = startChild({ name: 'salesforce', script, args, logs })
    closing.push(() => end(salesforce, 3_000))
    const database = await openDatabase(join(folder, 'postgres'))
    closing.push(database.stop)
    const ready = await readyWithin(salesforce, 30_000)
    const env = {
      DATABASE_URL: database.url,
      ...doorsOf(ready),
      TRYTON_URL: proxy.url,
      TRYTON_DATABASE: tryton.database,
      TRYTON_PASSWORD: tryton.password,
      ...(longestCallMs !== undefined && { CHAOS_LONGEST_CALL_MS: String(longestCallMs) }),
    }
    const workers = new Crew(logs, project, env)
    closing.push(() => workers.end())
    return { folder, salesforce: salesforceAt(String(ready.url)), tryton, proxy, database, workers, env, close }
  } catch (error) {
    await close()
    throw error
  }
}
