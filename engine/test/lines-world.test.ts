// The lines of a booked order between a Salesforce org and an S/4HANA: freight that the ERP adds, an item that it splits, items that
// somebody sorts, goods that leave in parts, and people who edit one order at once.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ComparisonLine, DisputePage } from '../src/index.ts'
import { newAccount, newProduct, newQuote, startWorld, until, type World } from './world.ts'

let world: World
let account: string
let seal: string
let pump: string
beforeAll(async () => {
  world = await startWorld()
  account = await newAccount(world.org, 'Seals & Co', '10100001')
  seal = await newProduct(world.org, 'Seal', 'TG11')
  pump = await newProduct(world.org, 'Pump', 'TG22')
  await newProduct(world.org, 'Freight', 'FREIGHT')
}, 60_000)
afterAll(() => world?.close())

type S4Item = Readonly<Record<string, string>>
type S4Order = { readonly TotalNetAmount: string; readonly to_Item: { readonly results: S4Item[] } }
type SalesLine = Readonly<Record<string, unknown>> & { readonly Id: string }
type Order = { readonly id: string; readonly number: string }

const api = '/sap/opu/odata/sap/API_SALES_ORDER_SRV'
const asClerk = { authorization: `Basic ${btoa('clerk:clerk')}`, accept: 'application/json' }
const read = async (path: string) =>
  ((await (await fetch(`${world.s4.url}${api}/${path}`, { headers: asClerk })).json()) as { d: S4Order }).d
const itemsInS4 = async ({ number }: Order): Promise<S4Item[]> =>
  (await read(`A_SalesOrder('${number}')?$expand=to_Item`)).to_Item.results
const totalInS4 = async ({ number }: Order): Promise<number> =>
  Number((await read(`A_SalesOrder('${number}')`)).TotalNetAmount)

/** As a person at the ERP's own screen. */
async function atTheScreen(method: string, path: string, body?: object): Promise<void> {
  const seen = await fetch(`${world.s4.url}${api}/A_SalesOrder?$top=1`, {
    headers: { ...asClerk, 'x-csrf-token': 'fetch' },
  })
  const headers = {
    ...asClerk,
    'content-type': 'application/json',
    'x-csrf-token': seen.headers.get('x-csrf-token') ?? '',
    'if-match': '*',
    cookie: seen.headers.getSetCookie().join('; '),
  }
  const done = await fetch(`${world.s4.url}${api}/${path}`, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  })
  if (!done.ok) throw new Error(`S/4HANA answered ${done.status}: ${await done.text()}`)
}
const changeItem = (order: Order, item: string, fields: object): Promise<void> =>
  atTheScreen('PATCH', `A_SalesOrderItem(SalesOrder='${order.number}',SalesOrderItem='${item}')`, fields)

const columns =
  'Id, Product2.ProductCode, Quantity, UnitPrice, Shipped_Quantity__c, Open_Quantity__c, Split_From__c, Plumbline_Line__c, Customer_Material__c'
const linesInSales = async ({ id }: Order): Promise<SalesLine[]> =>
  (await world.org.query<SalesLine>(`SELECT ${columns} FROM OrderItem WHERE OrderId = '${id}' ORDER BY Id`)).records
const inSales = async ({ id }: Order) => world.org.sobject('Order').retrieve(id)
const shown = async (order: Order): Promise<string[]> =>
  (await linesInSales(order)).map(
    line => `${(line.Product2 as { ProductCode: string }).ProductCode} ${line.Quantity} at ${line.UnitPrice}`,
  )

/** How often we wrote to an order and its lines, as the systems' own journals have it. */
async function writesTo(order: Order): Promise<{ sales: number; s4: number }> {
  const ids = new Set([order.id, ...(await linesInSales(order)).map(line => line.Id)])
  const sales = [
    ...(await world.journal(world.salesforce, 'Order')),
    ...(await world.journal(world.salesforce, 'OrderItem')),
  ]
  const s4 = await world.journal(world.s4, 'A_SalesOrder')
  return {
    sales: sales.filter(entry => ids.has(entry.id) && entry.by === 'plumbline').length,
    s4: s4.filter(entry => entry.id === order.number && entry.by === 'sandbox').length,
  }
}

async function anOrder(lines: readonly { product: string; quantity: number; price: number }[]): Promise<Order> {
  const quote = await newQuote(world.org, account, lines)
  const order = await until(async () => {
    const found = await world.org.query<{ Id: string; ERP_Order_Number__c: string }>(
      `SELECT Id, ERP_Order_Number__c FROM Order WHERE PoNumber = '${quote.number}'`,
    )
    return found.records[0]
  })
  await quiet()
  return { id: order.Id, number: order.ERP_Order_Number__c }
}
const quiet = () =>
  until(async () => {
    const [busy] = await world.engine.db.query<{ busy: boolean }>(
      `select exists (select from inbox where not parked) or exists (select from dispute where due)
         or exists (select from delivery where state = 'due') as busy`,
    )
    return busy?.busy === false
  })
/** What the ERP does is heard of when it is next asked. */
async function afterwards(order: Order, isSo: () => Promise<boolean>): Promise<void> {
  await until(isSo).catch(async error => {
    const [problems, lines] = [await world.get('/api/problems'), await linesInSales(order)]
    throw new Error(`${error.message}\n${JSON.stringify({ problems, lines, items: await itemsInS4(order) })}`)
  })
  await quiet()
}
async function sweepOfOrders(): Promise<ComparisonLine> {
  const asked = await world.post<ComparisonLine>('/api/systems/sales/sweep', { by: 'test', object: 'Order' })
  return until(async () => {
    const now = await world.get<ComparisonLine>(`/api/comparisons/${asked.comparison}`)
    return now.state === 'ended' && now
  }, 60_000)
}
const explain = async (order: Order, field: string) =>
  world.get<{ sentence: string; words: string }>(`/api/explain/order/${order.number}/${field}`)

const twoLines = () => [
  { product: seal, quantity: 10, price: 17.55 },
  { product: pump, quantity: 2, price: 2480.05 },
]

test('freight that the ERP adds to a booked order is a line in Salesforce, and both totals agree to the cent', async () => {
  const order = await anOrder(twoLines())
  await world.inS4('clerk/freight', { salesOrder: order.number, amount: '12.34' })
  await afterwards(order, async () => (await linesInSales(order)).length === 3)
  expect(await shown(order)).toEqual(['TG11 10 at 17.55', 'TG22 2 at 2480.05', 'FREIGHT 1 at 12.34'])
  const total = await totalInS4(order)
  expect(total).toBe(5_147.94)
  expect(await inSales(order)).toMatchObject({ TotalAmount: total, ERP_Net_Total__c: total, Status: 'Activated' })

  const before = await writesTo(order)
  await changeItem(order, '10', { RequestedQuantity: '11' })
  await afterwards(order, async () => (await shown(order))[0] === 'TG11 11 at 17.55')
  expect(await shown(order)).toEqual(['TG11 11 at 17.55', 'TG22 2 at 2480.05', 'FREIGHT 1 at 12.34'])
  expect((await itemsInS4(order)).map(item => item.SalesOrderItem)).toEqual(['10', '20', '30'])
  expect(await inSales(order)).toMatchObject({ TotalAmount: await totalInS4(order) })
  // One transaction: the order, whose total the ERP says, and the one line.
  expect(await writesTo(order)).toEqual({ sales: before.sales + 2, s4: before.s4 })

  await atTheScreen('DELETE', `A_SalesOrderItem(SalesOrder='${order.number}',SalesOrderItem='30')`)
  await afterwards(order, async () => (await linesInSales(order)).length === 2)
  expect(await inSales(order)).toMatchObject({ TotalAmount: await totalInS4(order) })
})

test.each([false, true])(
  'an item of ten that the ERP splits into six and four is two lines, and the first is still itself (reference copied: %s)',
  async keepsReference => {
    const order = await anOrder(twoLines())
    const [before] = await linesInSales(order)
    await world.inS4('clerk/split', { salesOrder: order.number, item: '10', quantity: '4', keepsReference })
    await afterwards(order, async () => (await linesInSales(order)).length === 3)
    const [first, second, part] = await linesInSales(order)
    expect([first?.Quantity, second?.Quantity, part?.Quantity]).toEqual([6, 2, 4])
    expect(first).toMatchObject({ Id: before?.Id, Plumbline_Line__c: before?.Plumbline_Line__c, Split_From__c: null })
    expect(part).toMatchObject({ Split_From__c: before?.Plumbline_Line__c, UnitPrice: 17.55 })
    expect(await inSales(order)).toMatchObject({ TotalAmount: await totalInS4(order) })
    expect((await explain(order, 'lines.1.quantity')).sentence).toMatch(
      /^Quantity of line 1 is 6, because .* in s4 on .*; before it was 10; 4 of it were split off as line 3\./,
    )
    expect((await explain(order, 'lines.3.quantity')).sentence).toMatch(
      /^Quantity of line 3 is 4, .*; it was split from line 1\./,
    )
    const writes = await writesTo(order)
    await quiet()
    expect(await writesTo(order)).toEqual(writes)
  },
)

test('items that somebody sorts in the ERP are written to nobody', async () => {
  const order = await anOrder(twoLines())
  const before = await writesTo(order)
  await world.inS4('clerk/sort', { salesOrder: order.number, items: ['20', '10'] })
  await until(async () => {
    const [held] = await world.engine.db.query<{ native: { to_Item: S4Item[] } }>(
      "select native from holding where system = 's4' and native_id = $1",
      [order.number],
    )
    return held?.native.to_Item[0]?.SalesOrderItem === '20'
  })
  await quiet()
  expect(await writesTo(order)).toEqual(before)
  expect((await world.get<DisputePage>(`/api/disputes?about=${order.number}`)).disputes).toEqual([])
})

test('goods that leave in parts: what was shipped of each line and what is still to come stand in Salesforce', async () => {
  const order = await anOrder(twoLines())
  const state = async () => (await linesInSales(order)).map(line => [line.Shipped_Quantity__c, line.Open_Quantity__c])
  expect(await state()).toEqual([
    [0, 10],
    [0, 2],
  ])
  await world.inS4('warehouse/ship', { salesOrder: order.number, items: [{ item: '10', quantity: '6' }] })
  await afterwards(order, async () => (await state())[0]?.[0] === 6)
  expect(await state()).toEqual([
    [6, 4],
    [0, 2],
  ])
  expect(await inSales(order)).toMatchObject({ Status: 'Activated' })
  await world.inS4('warehouse/ship', { salesOrder: order.number })
  await afterwards(order, async () => (await inSales(order)).Status === 'Shipped')
  expect(await state()).toEqual([
    [10, 0],
    [2, 0],
  ])
  expect(await shown(order)).toEqual(['TG11 10 at 17.55', 'TG22 2 at 2480.05'])
})

test('two people edit two fields of one line at once, and another line besides: all three edits stand in both systems', async () => {
  const order = await anOrder(twoLines())
  const [first] = await linesInSales(order)
  await Promise.all([
    world.org.sobject('OrderItem').update({ Id: first?.Id ?? '', Customer_Material__c: 'ACME-77' }),
    changeItem(order, '10', { RequestedQuantity: '12' }),
    changeItem(order, '20', { RequestedQuantity: '3' }),
  ])
  await afterwards(order, async () => (await shown(order)).join() === 'TG11 12 at 17.55,TG22 3 at 2480.05')
  await until(async () => (await itemsInS4(order))[0]?.MaterialByCustomer === 'ACME-77')
  await quiet()
  expect((await linesInSales(order)).map(line => line.Customer_Material__c)).toEqual(['ACME-77', null])
  expect((await itemsInS4(order)).map(item => Number(item.RequestedQuantity))).toEqual([12, 3])
  expect((await world.get<DisputePage>(`/api/disputes?about=${order.number}`)).disputes).toEqual([])
})

test('what sales writes on a line and no event tells is found by the sweep, though the order looks older than its line', async () => {
  const order = await anOrder(twoLines())
  const [first] = await linesInSales(order)
  const write = (part: string) =>
    world.org.sobject('OrderItem').update({ Id: first?.Id ?? '', Customer_Material__c: part })
  const hasInErp = (part: string) => async () => (await itemsInS4(order))[0]?.MaterialByCustomer === part
  const { SystemModstamp: stamp } = await inSales(order)
  // Salesforce tells the time to the second.
  await new Promise(resolve => setTimeout(resolve, 1_100))
  await write('ACME-1')
  await afterwards(order, hasInErp('ACME-1'))
  await world.faultsOf(world.salesforce, { events: { lostRate: 1 } })
  await write('ACME-2')
  await world.faultsOf(world.salesforce, undefined)
  expect((await inSales(order)).SystemModstamp).toBe(stamp)

  expect((await sweepOfOrders()).found).toMatchObject({ changed: 1, unknown: 0, gone: 0 })
  await afterwards(order, hasInErp('ACME-2'))
  expect((await sweepOfOrders()).found).toMatchObject({ changed: 0, unknown: 0, gone: 0 })
}, 90_000)

test('a line that the ERP takes away stays away when sales edits it meanwhile, and the edit is counted', async () => {
  const order = await anOrder(twoLines())
  const [, second] = await linesInSales(order)
  await world.faultsOf(world.salesforce, { unavailable: { rate: 1, match: 'composite/graph' } })
  await atTheScreen('DELETE', `A_SalesOrderItem(SalesOrder='${order.number}',SalesOrderItem='20')`)
  await until(
    async () => (await world.get<{ value: unknown[] }>(`/api/explain/order/${order.number}/lines`)).value.length === 1,
  )
  await world.org.sobject('OrderItem').update({ Id: second?.Id ?? '', Customer_Material__c: 'ACME-78' })
  const [dispute] = await until(async () => {
    const { disputes } = await world.get<DisputePage>(`/api/disputes?about=${order.number}`)
    return disputes.length > 0 && disputes
  })
  await world.faultsOf(world.salesforce, undefined)
  expect(dispute).toMatchObject({ field: 'lines.customerMaterial', wanted: 'ACME-78', held: null })
  await afterwards(order, async () => (await linesInSales(order)).length === 1)
  expect(await shown(order)).toEqual(['TG11 10 at 17.55'])
  expect((await itemsInS4(order)).map(item => item.SalesOrderItem)).toEqual(['10'])
  expect((await world.get<DisputePage>(`/api/disputes?about=${order.number}`)).disputes).toHaveLength(1)
})

test('a line that sales takes away from a booked order is there again, and the order desk is asked', async () => {
  const order = await anOrder(twoLines())
  const [, second] = await linesInSales(order)
  const at = '/services/data/v67.0/sobjects'
  const step = (method: string, url: string, Status?: string) => ({ method, url, ...(Status && { body: { Status } }) })
  await world.org.requestPost('/composite', {
    allOrNone: true,
    compositeRequest: [
      step('PATCH', `${at}/Order/${order.id}`, 'Draft'),
      step('DELETE', `${at}/OrderItem/${second?.Id}`),
      step('PATCH', `${at}/Order/${order.id}`, 'Activated'),
    ].map((one, n) => ({ ...one, referenceId: `step${n}` })),
  })
  expect(await linesInSales(order)).toHaveLength(1)
  await afterwards(order, async () => (await linesInSales(order)).length === 2)
  expect(await shown(order)).toEqual(['TG11 10 at 17.55', 'TG22 2 at 2480.05'])
  const { disputes } = await world.get<DisputePage>(`/api/disputes?about=${order.number}`)
  expect(disputes).toContainEqual(expect.objectContaining({ field: 'lines', wanted: null, became: 'asked' }))
  expect((await itemsInS4(order)).length).toBe(2)
})
