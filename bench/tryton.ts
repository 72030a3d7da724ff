// A real Tryton: how many orders it books in a second when one connection sends it the calls of an order, one after the other, and
// how many when the engine does; and how long somebody waits for an answer meanwhile.
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type TrytonApi, tryton } from '@plumbline/connector-tryton'
import type { Host, NativeId } from '@plumbline/sdk'
import { end, readyWithin, startChild } from '../chaos/processes.ts'
import { openTraffic } from '../chaos/traffic.ts'
import { market } from '../chaos/tryton/market.ts'
import { openTrytonWorld, project, type TrytonWorld } from '../chaos/tryton/world.ts'
import { closing } from './ending.ts'
import { percentile, rounded } from './figures.ts'

export type TrytonResult = {
  readonly orders: number
  /** Orders in a second on one connection, before and after the engine: as the connector brings one, and the three bare calls. */
  readonly alone: { readonly perSecond: number; readonly bare: number; readonly calls: number }
  readonly engine: { readonly perSecond: number; readonly calls: number; readonly mostAtOnce: number }
  readonly share: number
  readonly shareOfBare: number
  /** Price, stock and credit in turn, one begun every second, while the engine books. In milliseconds. */
  readonly asked: { readonly times: number; readonly p50: number; readonly p95: number; readonly slowest: number }
}
type Say = (sentence: string) => void
type Size = { readonly orders: number; readonly alone: number }

/** In turn: to say what a customer owes, Tryton goes through all its open orders. */
const customers = ['CUST-NOLIM', 'CUST-B1', 'CUST-B2', 'CUST-B3', 'CUST-B4'] as const
const customerOf = (n: number): string => customers[n % customers.length] ?? customers[0]
const line = { product: 'WID-100', quantity: 3, price: '90.00' }

export async function measureTryton({ orders, alone }: Size, say: Say): Promise<TrytonResult> {
  const world = await openTrytonWorld({ seed: 1 })
  return closing(world.close, async () => {
    const api = await connected(world)
    // Code that has never run is slow.
    await sequence(world, api, 'warm', 3)
    const before = await bothAlone(world, api, 'before', alone)
    say(`Tryton alone: ${before.perSecond} orders a second, ${before.calls} calls each; bare ${before.bare}`)
    const engine = await byEngine(world, orders, say)
    const after = await bothAlone(world, api, 'after', alone)
    say(`Tryton alone: ${after.perSecond} orders a second; bare ${after.bare}`)
    const mean = (a: number, b: number): number => rounded((a + b) / 2)
    const perSecond = mean(before.perSecond, after.perSecond)
    const bare = mean(before.bare, after.bare)
    return {
      orders,
      alone: { perSecond, bare, calls: before.calls },
      ...engine,
      share: rounded(engine.engine.perSecond / perSecond),
      shareOfBare: rounded(engine.engine.perSecond / bare),
    }
  })
}

// ---- one connection

async function connected({ env, tryton: erp }: TrytonWorld): Promise<TrytonApi> {
  const host: Host = {
    fetch,
    now: () => Date.now(),
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
    uuid: () => crypto.randomUUID(),
    log: () => undefined,
  }
  const settings = {
    ...{
      url: env.TRYTON_URL ?? '',
      database: erp.database,
      user: 'integration',
      password: erp.password,
      warehouse: 'WH',
    },
    ...{ company: undefined, acceptedWarnings: undefined, pollEvery: undefined, overlap: undefined },
  }
  return tryton.spec.connect(settings, host)
}

async function bothAlone(world: TrytonWorld, api: TrytonApi, name: string, orders: number) {
  world.proxy.passed()
  const perSecond = await rateOf(orders, () => sequence(world, api, name, orders))
  const { calls } = world.proxy.passed()
  return { perSecond, calls: rounded(calls / orders), bare: await rateOf(orders, () => bare(world, name, orders)) }
}

async function rateOf(count: number, work: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await work()
  return rounded((count * 1_000) / (performance.now() - began))
}

/** What the workflow asks, and then the create: as the engine has the connector do it. */
async function sequence({ tryton: { seed } }: TrytonWorld, api: TrytonApi, name: string, orders: number) {
  const id = (all: Readonly<Record<string, number>>, code: string) => String(all[code]) as NativeId
  const product = id(seed.products, line.product)
  const { creditCheck, price } = tryton.questions
  for (let n = 1; n <= orders; n++) {
    const party = id(seed.customers, customerOf(n))
    const asked = { product, quantity: line.quantity, line: '1', date: undefined }
    await price.run(api, { customer: party, currency: 'USD', validity: undefined, lines: [asked] })
    await creditCheck.run(api, { customer: party, amount: { amount: '270.00', currency: 'USD' } })
    const reference = `${name}-${n}`
    const added = { note: '1', product, quantity: line.quantity, unit_price: { amount: line.price, currency: 'USD' } }
    const [written] =
      (await tryton.objects.Sale.write?.(api, [
        { key: reference, fields: { reference, party }, lists: { lines: { add: [added], change: [], remove: [] } } },
      ])) ?? []
    if (written?.end !== 'written') throw new Error(`Tryton did not take ${reference}: ${JSON.stringify(written)}`)
  }
}

/** Nothing but the three calls that make an order of what is known already. */
async function bare({ tryton: { seed, people } }: TrytonWorld, name: string, orders: number): Promise<void> {
  const [{ currency }] = await people.rpc('model.company.company.read', [seed.company], ['currency'])
  const context = { company: seed.company, currency, party: seed.customers[customerOf(0)] }
  const begun = await people.rpc('model.sale.sale.on_change_party', context)
  const product = seed.products[line.product]
  const parent = Object.fromEntries(
    ['party', 'price_list', 'currency', 'company'].map(one => [`_parent_sale.${one}`, { ...context, ...begun }[one]]),
  )
  const asked = { type: 'line', product, quantity: line.quantity, ...parent }
  const { unit, unit_price, taxes } = await people.rpc('model.sale.line.on_change_product', asked)
  const header = Object.fromEntries(Object.entries({ ...context, ...begun }).filter(([name]) => !name.endsWith('.')))
  const added = {
    type: 'line',
    product,
    quantity: line.quantity,
    unit,
    unit_price,
    taxes: [['add', [taxes.add[0][1].id]]],
  }
  for (let n = 1; n <= orders; n++) {
    const sale = {
      ...{ ...header, reference: `bare-${name}-${n}`, warehouse: seed.warehouses.WH },
      lines: [['create', [added]]],
    }
    const [id] = await people.rpc('model.sale.sale.create', [sale])
    await people.rpc('model.sale.sale.quote', [id])
    await people.rpc('model.sale.sale.confirm', [id])
  }
}

// ---- the engine

async function byEngine(world: TrytonWorld, orders: number, say: Say): Promise<Pick<TrytonResult, 'engine' | 'asked'>> {
  const traffic = await openTraffic(world.salesforce.url, 1, {
    ...market,
    solvent: customers,
    linesFor: () => [{ code: line.product, quantity: line.quantity, price: Number(line.price) }],
  })
  const serve = startChild({
    name: 'serve',
    script: new URL('../cli/src/main.ts', import.meta.url),
    args: ['serve', '--json', '--port', '0', '--project', fileURLToPath(project)],
    env: world.env,
    logs: `${world.folder}/logs`,
  })
  return closing(
    () => end(serve, 5_000),
    async () => {
      const { url } = await readyWithin(serve, 120_000)
      const warm = await traffic.draft(5)
      await traffic.accept(warm, 0)
      await until(async () => (await booked(world)) >= warm.length)
      const drafts = await traffic.draft(orders)
      await sleep(5_000)
      world.proxy.passed()
      const asking = new AbortController()
      const took = askEverySecond(String(url), asking.signal)
      const began = performance.now()
      for (let at = 0; at < drafts.length; at += 200) await traffic.accept(drafts.slice(at, at + 200), 0)
      await until(async () => (await booked(world)) >= warm.length + orders)
      const perSecond = rounded((orders * 1_000) / (performance.now() - began))
      const { calls, mostAtOnce } = world.proxy.passed()
      asking.abort()
      const all = await took
      const [p50, p95, slowest] = [50, 95, 100].map(percent => Math.round(percentile(all, percent)))
      say(`The engine: ${perSecond} orders a second; ${all.length} questions, p95 ${p95} ms, slowest ${slowest} ms`)
      return {
        engine: { perSecond, calls: rounded(calls / orders), mostAtOnce },
        asked: { times: all.length, p50: p50 ?? 0, p95: p95 ?? 0, slowest: slowest ?? 0 },
      }
    },
  )
}

const questions = [
  { name: 'price', body: (n: number) => ({ customer: 'CUST-B1', lines: [{ product: 'WID-100', quantity: n }] }) },
  { name: 'stock', body: (n: number) => ({ product: 'GAD-300', quantity: n }) },
  {
    name: 'credit-check',
    body: (n: number) => ({ customer: 'CUST-B2', amount: { amount: `${n}.00`, currency: 'USD' } }),
  },
] as const

/** Each question is another one, so that none is answered out of what was answered before. */
async function askEverySecond(url: string, signal: AbortSignal): Promise<readonly number[]> {
  const asked: Promise<number>[] = []
  for (let n = 1; !signal.aborted; n++) {
    const { name, body } = questions[n % questions.length] ?? questions[0]
    const one = timed(`${url}/api/questions/${name}`, body(n))
    // Told to whoever waits for all of them.
    one.catch(() => undefined)
    asked.push(one)
    await sleep(1_000, undefined, { signal }).catch(() => undefined)
  }
  return Promise.all(asked)
}

async function timed(url: string, body: object): Promise<number> {
  const began = performance.now()
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await answer.text()
  // One that was not answered in time counts with the time that it took to say so.
  if (!answer.ok && answer.status < 503) throw new Error(`${url}: ${text}`)
  return performance.now() - began
}

async function booked({ tryton: { sql } }: TrytonWorld): Promise<number> {
  const [row] = await sql<{ n: number }>(
    "select count(*)::int as n from sale_sale where reference ~ '^[0-9]+$' and state in ('processing', 'done')",
  )
  return row?.n ?? 0
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const late = performance.now() + 600_000
  while (!(await holds())) {
    if (performance.now() > late) throw new Error('It did not come about within ten minutes')
    await sleep(50)
  }
}
