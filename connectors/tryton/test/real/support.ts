// A real Tryton with the connector on it.
import { setTimeout } from 'node:timers/promises'
import type { Fields, Heard, Host, NativeId, ObjectSpec, Observation, Write, WriteEnd } from '@plumbline/sdk'
import { startTryton, type Tryton } from '../../../../test/support/tryton/index.ts'
import { type Settings, type TrytonApi, tryton } from '../../src/index.ts'

export const native = (id: number | string) => String(id) as NativeId
export const usd = (amount: string) => ({ amount, currency: 'USD' })

/** The connector's way to Tryton: what was called, what happens before a call arrives, and whose answers are lost. */
type Line = {
  readonly called: string[]
  before: (method: string) => Promise<unknown> | undefined
  loses: (method: string) => boolean
}

export type System = {
  readonly tryton: Tryton
  readonly api: TrytonApi
  readonly line: Line
  /** Another connection, as another process has it. */
  connect(more?: Partial<Settings>): Promise<{ api: TrytonApi; line: Line }>
  stop(): Promise<void>
}

export async function startSystem(): Promise<System> {
  const erp = await startTryton()
  const connect = async (more: Partial<Settings> = {}) => {
    const line: Line = { called: [], before: () => undefined, loses: () => false }
    const settings = {
      url: erp.url,
      database: erp.database,
      user: 'integration',
      password: erp.password,
      company: undefined,
      warehouse: 'WH',
      acceptedWarnings: undefined,
      pollEvery: '50',
      overlap: '10000',
      ...more,
    }
    return { api: await tryton.spec.connect(settings, hostOn(line)), line }
  }
  return { tryton: erp, connect, ...(await connect()), stop: erp.stop }
}

const hostOn = (line: Line): Host => ({
  async fetch(input, init) {
    const { method } = JSON.parse(String(init?.body))
    line.called.push(method)
    await line.before(method)
    const response = await fetch(input, init)
    if (!line.loses(method)) return response
    // Tryton has done it and has answered; the answer does not arrive.
    await response.arrayBuffer()
    throw new TypeError('fetch failed', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) })
  },
  now: () => Date.now(),
  sleep: (ms, signal) => setTimeout(ms, undefined, { signal }),
  uuid: () => crypto.randomUUID(),
  log: () => {},
})

export const sales: ObjectSpec<TrytonApi, Fields> = tryton.objects.Sale as never
export const parties: ObjectSpec<TrytonApi, Fields> = tryton.objects.Party as never

type Item = { readonly product: string; readonly quantity: number; readonly price?: string }

export function newSale(
  { tryton: { seed } }: Pick<System, 'tryton'>,
  reference: string,
  items: readonly Item[] = [{ product: 'WID-100', quantity: 5, price: '90.00' }],
  customer = 'CUST-NOLIM',
): Write {
  const add = items.map(({ product, quantity, price }, at) => ({
    note: `l${at + 1}`,
    product: native(seed.products[product] ?? 0),
    quantity,
    ...(price && { unit_price: usd(price) }),
  }))
  return {
    key: reference,
    fields: { reference, party: native(seed.customers[customer] ?? 0) },
    lists: { lines: { add, change: [], remove: [] } },
  }
}

export async function write(spec: ObjectSpec<TrytonApi, Fields>, api: TrytonApi, one: Write): Promise<WriteEnd> {
  const [end] = (await spec.write?.(api, [one])) ?? []
  if (!end) throw new Error('no end')
  return end
}

export async function book(
  system: System,
  ...sale: Parameters<typeof newSale> extends [unknown, ...infer R] ? R : never
) {
  const end = await write(sales, system.api, newSale(system, ...sale))
  if (end.end !== 'written') throw new Error(JSON.stringify(end))
  return end
}

/** What Tryton's own database has under a reference. */
export const inTryton = ({ tryton }: Pick<System, 'tryton'>, reference: string) =>
  tryton.sql<{ id: number; state: string; lines: number }>(
    `select s.id, s.state, (select count(*)::int from sale_line l where l.sale = s.id) as lines
     from sale_sale s where s.reference = $1 order by s.id`,
    [reference],
  )

/** Listens until `enough` says so; hands back what was heard and the last cursor. */
export async function listen(
  { api }: Pick<System, 'api'>,
  from: { cursor?: string; objects: readonly string[] },
  enough: (heard: readonly Observation[]) => boolean,
  during: (untilHeard: (what: (one: Observation) => boolean) => Promise<void>) => Promise<unknown> = async () => {},
) {
  const stopping = new AbortController()
  const heard: Observation[] = []
  let cursor = from.cursor
  let acted: Promise<unknown> | undefined
  const untilHeard = async (what: (one: Observation) => boolean): Promise<void> => {
    while (!heard.some(what) && !stopping.signal.aborted) await setTimeout(50)
  }
  const feed = tryton.spec.follow?.(api, {
    ...from,
    specs: tryton.objects as never,
    signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(120_000)]),
  }) as AsyncIterable<Heard>
  if (from.cursor !== undefined) acted = during(untilHeard)
  for await (const batch of feed) {
    acted ??= during(untilHeard)
    cursor = batch.cursor
    for (const one of batch.heard) if (!('unreadable' in one)) heard.push(one)
    if (enough(heard)) stopping.abort()
  }
  await acted
  return { heard, cursor: cursor ?? '', wasEnough: enough(heard) }
}
