// Sales sells by the dozen, the ERP counts pieces: quantities and prices of lines go from one to the other exactly, by what a desk
// says of units while everything runs.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FactorAnswer, FieldExplained, Problems, Table, Tasks } from '../src/index.ts'
import { soldByUnit } from './units.ts'
import { newAccount, newProduct, newQuote, startWorld, until, type World } from './world.ts'

let world: World
let account: string
/** An order of before Plumbline: twenty-four pieces of what sales sells by the dozen. */
let early: string
beforeAll(async () => {
  world = await startWorld({
    project: soldByUnit,
    before: async org => {
      const Id = await newProduct(org, 'Nut', 'TG14')
      await org.sobject('Product2').update({ Id, QuantityUnitOfMeasure: 'Dozen' })
      const written = await asClerkWrites('POST', 'A_SalesOrder', {
        SalesOrderType: 'OR',
        SalesOrganization: '1010',
        DistributionChannel: '10',
        OrganizationDivision: '00',
        SoldToParty: '10100001',
        to_Item: [{ Material: 'TG14', RequestedQuantity: '24' }],
      })
      early = ((await written.json()) as { d: { SalesOrder: string } }).d.SalesOrder
    },
  })
  account = await newAccount(world.org, 'Seals & Co', '10100001')
}, 60_000)
afterAll(() => world?.close())

async function aProduct(name: string, code: string, QuantityUnitOfMeasure: string): Promise<string> {
  const Id = await newProduct(world.org, name, code)
  await world.org.sobject('Product2').update({ Id, QuantityUnitOfMeasure })
  return Id
}
type Item = Readonly<Record<string, string>>
const api = '/sap/opu/odata/sap/API_SALES_ORDER_SRV'
const asClerk = { authorization: `Basic ${btoa('clerk:clerk')}`, accept: 'application/json' }
async function itemsFor(reference: string): Promise<{ number: string; total: string; items: Item[] } | undefined> {
  const path = `${api}/A_SalesOrder?$expand=to_Item&$filter=PurchaseOrderByCustomer eq '${reference}'`
  const answer = (await (await fetch(world.s4.url + path, { headers: asClerk })).json()) as {
    d: { results: { SalesOrder: string; TotalNetAmount: string; to_Item: { results: Item[] } }[] }
  }
  const [order] = answer.d.results
  return order && { number: order.SalesOrder, total: order.TotalNetAmount, items: order.to_Item.results }
}
async function asClerkWrites(method: string, path: string, body: object): Promise<Response> {
  const service = `${process.env.S4_URL}${api}`
  const seen = await fetch(`${service}/A_SalesOrder?$top=1`, { headers: { ...asClerk, 'x-csrf-token': 'fetch' } })
  const done = await fetch(`${service}/${path}`, {
    method,
    headers: {
      ...asClerk,
      'content-type': 'application/json',
      'x-csrf-token': seen.headers.get('x-csrf-token') ?? '',
      'if-match': '*',
      cookie: seen.headers.getSetCookie().join('; '),
    },
    body: JSON.stringify(body),
  })
  if (!done.ok) throw new Error(`S/4HANA answered ${done.status}: ${await done.text()}`)
  return done
}
const changeQuantity = (order: string, RequestedQuantity: string): Promise<unknown> =>
  asClerkWrites('PATCH', `A_SalesOrderItem(SalesOrder='${order}',SalesOrderItem='10')`, { RequestedQuantity })
/** Prices are asked for by the piece, so the price desk is. */
async function accepted(product: string, quantity: number, price: number): Promise<string> {
  const { number } = await newQuote(world.org, account, [{ product, quantity, price }])
  const task = await until(async () =>
    (await world.get<Tasks>('/api/tasks?desk=price%20desk')).tasks.find(one => one.question.includes(number)),
  )
  await world.post(`/api/tasks/${task.task}/answer`, { answer: 'yes', by: 'Kim' })
  return number
}
type SalesLine = { Quantity: number; UnitPrice: number; Shipped_Quantity__c: number }
const lineInSales = async (reference: string): Promise<SalesLine | undefined> => {
  const soql = `SELECT Quantity, UnitPrice, Shipped_Quantity__c FROM OrderItem WHERE Order.PoNumber = '${reference}'`
  return (await world.org.query<SalesLine>(soql)).records[0]
}
const writesToS4 = async (order: string): Promise<number> =>
  (await world.journal(world.s4, 'A_SalesOrder')).filter(entry => entry.id === order && entry.by === 'sandbox').length

test('two dozen are twenty-four pieces at a twelfth of the price, and what the ERP makes of them is told in dozens', async () => {
  const number = await accepted(await aProduct('Seal', 'TG11', 'Dozen'), 2, 210.6)
  const booked = await until(() => itemsFor(number))
  expect(booked).toMatchObject({ total: '421.20', items: [{ RequestedQuantity: '24.000', NetPriceAmount: '17.55' }] })
  await until(async () => (await lineInSales(number))?.Quantity === 2)
  expect(await lineInSales(number)).toMatchObject({ Quantity: 2, UnitPrice: 210.6 })
  const before = await writesToS4(booked.number)

  await changeQuantity(booked.number, '36')
  await until(async () => (await lineInSales(number))?.Quantity === 3)
  await world.inS4('warehouse/ship', { salesOrder: booked.number, items: [{ item: '10', quantity: '12' }] })
  await until(async () => (await lineInSales(number))?.Shipped_Quantity__c === 1)
  expect(await lineInSales(number)).toMatchObject({ Quantity: 3, UnitPrice: 210.6, Shipped_Quantity__c: 1 })
  expect(await writesToS4(booked.number)).toBe(before)
  const { words, held } = await world.get<FieldExplained>(`/api/explain/order/${booked.number}/lines.1.quantity`)
  expect(words).toBe('3')
  expect(held).toContainEqual(expect.objectContaining({ system: 's4', state: 'agrees', words: '3' }))
})

test('a quantity that is no number of dozens is told to nobody as one: it waits with its reason, and goes on when it is mended', async () => {
  const number = await accepted(await aProduct('Ring', 'TG12', 'Dozen'), 1, 4201.2)
  const booked = await until(() => itemsFor(number))
  await until(async () => (await lineInSales(number))?.Quantity === 1)
  await changeQuantity(booked.number, '25')
  const problem = await until(async () =>
    (await world.get<Problems>('/api/problems')).problems.find(one => one.what === '25 piece of TG12 in dozen (units)'),
  )
  expect(problem.reason).toMatch(/^25 piece of TG12 are no exact number of dozen/)
  expect(problem.todo).toMatch(/^Mend the quantity/)
  expect((await lineInSales(number))?.Quantity).toBe(1)
  await changeQuantity(booked.number, '48')
  await until(async () => (await lineInSales(number))?.Quantity === 4)
})

/** What the product desk says, or would say. */
type Said = { status: number; answer: FactorAnswer & { detail?: string } }
const say = async (said: object, what: 'factors' | 'words' = 'factors'): Promise<Said> => {
  const response = await fetch(`${world.url}/api/tables/units/${what}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ by: 'Kim', why: 'as it is packed', ...said }),
  })
  return { status: response.status, answer: (await response.json()) as FactorAnswer & { detail?: string } }
}
const table = () => world.get<Table>('/api/tables/units')
const asked = async (what: string) =>
  (await world.get<Problems>('/api/problems')).problems.filter(one => one.what.includes(what))

test('a unit that nobody has said yet is one question for all orders that wait for it; a preview lets none of them go', async () => {
  const pump = await aProduct('Pump', 'TG22', 'Pack')
  const numbers = [await accepted(pump, 1, 12_000), await accepted(pump, 3, 12_000)]
  const [missing] = await until(async () => {
    const found = await asked('pack of TG22')
    return found[0]?.reason.includes('2 records wait') ? found : undefined
  })
  expect(await asked('TG22')).toHaveLength(1)
  expect(missing).toMatchObject({ kind: 'value', what: 'pack of TG22 in piece (units)' })
  expect(missing?.reason).toMatch(/^The table "units" does not say how many piece one pack of TG22 is\. 2 records wait/)
  const before = await table()

  const preview = await say({ unit: 'pack', of: 'piece', is: '5', thing: 'TG22', dryRun: true })
  expect(preview.answer).toMatchObject({ dryRun: true, was: null, releases: { records: 2 } })
  expect((await say({ unit: 'pack', of: 'piece', is: '5', thing: 'TG11', dryRun: true })).answer).toMatchObject({
    releases: { records: 0 },
  })
  expect(await table()).toMatchObject({ factors: before.factors, history: before.history, changedAt: before.changedAt })
  expect(await asked('pack of TG22')).toMatchObject([{ reason: missing?.reason }])
  expect(await Promise.all(numbers.map(itemsFor))).toEqual([undefined, undefined])

  const { answer } = await say({ unit: 'pack', of: 'piece', is: '5', thing: 'TG22' })
  expect(answer).toMatchObject({ dryRun: false, was: null, releases: { records: 2 } })
  const booked = await Promise.all(numbers.map(number => until(() => itemsFor(number))))
  expect(booked.map(({ items }) => items[0]?.RequestedQuantity)).toEqual(['5.000', '15.000'])
  expect(booked[0]?.items).toMatchObject([{ NetPriceAmount: '2400.00' }])
  expect((await table()).history[0]).toMatchObject({ by: 'Kim', value: 'pack of TG22', system: 'piece' })
})

test('a price that does not divide waits too, until the product desk mends a factor that was wrong', async () => {
  const number = await accepted(await aProduct('Gear', 'TG21', 'Dozen'), 1, 10_000)
  const [inexact] = await until(async () => {
    const found = await asked('TG21')
    return found.length > 0 && found
  })
  expect(inexact?.what).toBe('10000.00 EUR for one dozen of TG21 in piece (units)')
  expect(inexact?.todo).toMatch(/^Mend the price/)
  const { answer } = await say({ unit: 'dozen', of: 'piece', is: '10', thing: 'TG21' })
  expect(answer).toMatchObject({ was: null, releases: { records: 1 } })
  const booked = await until(() => itemsFor(number))
  expect(booked.items).toMatchObject([{ RequestedQuantity: '10.000', NetPriceAmount: '1000.00' }])
})

test('a factor that is said already is not said the other way round; taken out, it no longer counts', async () => {
  const turned = { unit: 'piece', of: 'pack', is: '0.2', thing: 'TG22' }
  const refused = await say(turned)
  expect(refused.status).toBe(400)
  expect(refused.answer.detail).toBe('One pack of TG22 is said to be 5 piece already, which holds both ways.')
  const out = await say({ unit: 'pack', of: 'piece', is: null, thing: 'TG22' })
  expect(out.answer).toMatchObject({ was: '5', is: null, releases: { records: 0 } })
  expect((await table()).factors).not.toContainEqual(expect.objectContaining({ thing: 'TG22' }))
  expect((await say(turned)).status).toBe(200)
})

/** The orders that the ERP has under a reference, however they were counted there. */
const isThere = async (reference: string): Promise<boolean> => (await itemsFor(reference)) !== undefined
const waitsFor = (what: string, records: number) =>
  until(async () => {
    const [found] = await asked(what)
    return found?.reason.includes(`${records} ${records === 1 ? 'record waits' : 'records wait'}`) ? found : undefined
  })

test('a product that does not say what it is sold by is one question for all its orders; none is booked by a guess', async () => {
  const valve = await newProduct(world.org, 'Valve', 'TG13')
  const numbers = [await accepted(valve, 2, 100), await accepted(valve, 1, 100)]
  const missing = await waitsFor('"Sold by" of Product Valve', 2)
  expect(missing).toMatchObject({ kind: 'value', what: '"Sold by" of Product Valve (units)', system: null })
  expect(missing.reason).toMatch(
    /^Product Valve does not say what "Sold by" is, and its quantities cannot be told without it\. 2 /,
  )
  expect(missing.todo).toBe('Enter it in the CRM. What waits then goes on by itself.')
  expect(await Promise.all(numbers.map(isThere))).toEqual([false, false])

  await world.org.sobject('Product2').update({ Id: valve, QuantityUnitOfMeasure: 'Each' })
  const booked = await Promise.all(numbers.map(number => until(() => itemsFor(number))))
  expect(booked.map(({ items }) => items[0]?.RequestedQuantity)).toEqual(['2.000', '1.000'])
  expect(await asked('Valve')).toEqual([])
})

test('an ERP that counts in a unit nobody knows yet is sent no quantities of it until the desk has said what it is', async () => {
  await world.inS4('materials', { material: 'HOSE', unit: 'CAR', price: '10' })
  const number = await accepted(await aProduct('Hose', 'HOSE', 'Dozen'), 2, 100)
  await waitsFor('"Counted in" of Product Hose', 1)
  expect(await asked('"CAR" of s4')).toHaveLength(1)
  expect(await isThere(number)).toBe(false)
  await say({ unit: 'carton', of: 'dozen', is: '2', thing: 'HOSE' })
  await say({ value: 'carton', system: 's4', native: 'CAR' }, 'words')
  const booked = await until(() => itemsFor(number))
  expect(booked.items[0]?.RequestedQuantity).toBe('1.000')
})

test('an order that is loaded before its product waits for it and goes on by itself, in dozens', async () => {
  const quantity = await until(async () => {
    const { words } = await world.get<FieldExplained>(`/api/explain/order/${early}/lines.1.quantity`)
    return words
  })
  expect(quantity).toBe('2')
  expect(await asked('Nut')).toEqual([])
})

test('what the ERP makes of an order is not told as a number of nobody knows what, while a product does not say its unit', async () => {
  const bolt = await aProduct('Bolt', 'TG20', 'Dozen')
  const number = await accepted(bolt, 2, 359.4)
  const booked = await until(() => itemsFor(number))
  await until(async () => (await lineInSales(number))?.Quantity === 2)
  await world.org.sobject('Product2').update({ Id: bolt, QuantityUnitOfMeasure: null })
  await until(async () => (await world.get<FieldExplained>('/api/explain/product/TG20/unit')).words !== 'dozen')
  await changeQuantity(booked.number, '36')
  await waitsFor('"Sold by" of Product Bolt', 1)
  expect((await lineInSales(number))?.Quantity).toBe(2)
  await world.org.sobject('Product2').update({ Id: bolt, QuantityUnitOfMeasure: 'Dozen' })
  await until(async () => (await lineInSales(number))?.Quantity === 3)
})
