// Sales sells by the dozen, the ERP counts pieces: quantities and prices of lines go from one to the other exactly, by what a desk
// says of units while everything runs.
import { sobject } from '@plumbline/connector-salesforce'
import {
  type AnyContract,
  type AnyEntryRule,
  type AnyRule,
  type Instance,
  id,
  type Mapping,
  type Project,
  text,
  units,
} from '@plumbline/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FactorAnswer, FieldExplained, Problems, Tasks } from '../src/index.ts'
import { newAccount, newProduct, newQuote, startWorld, until, type World } from './world.ts'

const Units = units('units', {
  keptBy: 'product desk',
  says: 'What goods are counted in',
  starts: {
    sales: { piece: 'Each', dozen: 'Dozen', pack: 'Pack' },
    s4: { piece: 'PC', kilogram: 'KG', hour: 'H' },
  },
  factors: [{ unit: 'dozen', is: '12', of: 'piece' }],
})
const counted = (field: string): AnyEntryRule => ({
  field,
  counted: Units,
  of: 'product',
  ours: 'unit',
  theirs: 'baseUnit',
})
const withUnits = (product: AnyContract): AnyContract => ({
  ...product,
  fields: {
    ...product.fields,
    unit: text('Sold by').ownedBy('crm').optional(),
    baseUnit: text('Counted in').ownedBy('erp').optional(),
  },
})
function mapped(mapping: Mapping, role: string): Mapping {
  const inSales = role === 'crm'
  const rules = (more: Readonly<Record<string, AnyRule>>): Mapping => ({
    ...mapping,
    rules: { ...mapping.rules, ...more },
  })
  if (mapping.contract === 'product')
    return rules({
      unit: inSales ? { field: 'QuantityUnitOfMeasure', table: Units } : { skip: 'how sales sells it' },
      baseUnit: inSales ? { skip: 'how the ERP counts it' } : { field: 'BaseUnit', table: Units },
    })
  const { lines } = mapping.rules
  if (mapping.contract !== 'order' || inSales || typeof lines !== 'object' || !('each' in lines)) return mapping
  const fields = {
    ...lines.fields,
    quantity: counted('RequestedQuantity'),
    price: counted('NetPriceAmount'),
    shipped: counted('DeliveredQtyInOrderQtyUnit'),
    open: { skip: 'the rest' },
  }
  return rules({ lines: { ...lines, fields } })
}
const productsIn = ({ connector }: Instance) => {
  const fields = { Id: id(), Name: text('Name'), ProductCode: text('Code'), QuantityUnitOfMeasure: text('Unit') }
  return connector.object('Product2', sobject('Product2', fields))
}
const project = (example: Project): Project => ({
  ...example,
  contracts: example.contracts.map(one => (one.contract === 'product' ? withUnits(one) : one)),
  tables: [...(example.tables ?? []), Units],
  systems: example.systems.map(system => ({
    ...system,
    ...(system.role === 'crm' && { connector: productsIn(system) }),
    mappings: system.mappings.map(one => mapped(one, system.role)),
  })),
})

let world: World
let account: string
beforeAll(async () => {
  world = await startWorld({ project })
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
async function changeQuantity(order: string, RequestedQuantity: string): Promise<void> {
  const seen = await fetch(`${world.s4.url}${api}/A_SalesOrder?$top=1`, {
    headers: { ...asClerk, 'x-csrf-token': 'fetch' },
  })
  const done = await fetch(`${world.s4.url}${api}/A_SalesOrderItem(SalesOrder='${order}',SalesOrderItem='10')`, {
    method: 'PATCH',
    headers: {
      ...asClerk,
      'content-type': 'application/json',
      'x-csrf-token': seen.headers.get('x-csrf-token') ?? '',
      'if-match': '*',
      cookie: seen.headers.getSetCookie().join('; '),
    },
    body: JSON.stringify({ RequestedQuantity }),
  })
  if (!done.ok) throw new Error(`S/4HANA answered ${done.status}: ${await done.text()}`)
}
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
    (await world.get<Problems>('/api/problems')).problems.find(one => JSON.stringify(one).includes('25 piece of TG12')),
  )
  expect(JSON.stringify(problem)).toMatch(/cannot count 25 piece of TG12 in dozen/)
  expect((await lineInSales(number))?.Quantity).toBe(1)
  await changeQuantity(booked.number, '48')
  await until(async () => (await lineInSales(number))?.Quantity === 4)
})

test('a unit that nobody has said yet holds the order back, until the product desk says it of that product', async () => {
  const number = await accepted(await aProduct('Pump', 'TG22', 'Pack'), 1, 12_000)
  const missing = await until(async () =>
    (await world.get<Problems>('/api/problems')).problems.find(one => JSON.stringify(one).includes('pack of TG22')),
  )
  expect(JSON.stringify(missing)).toMatch(/has no factor/)
  expect(await itemsFor(number)).toBeUndefined()
  const said = { unit: 'pack', of: 'piece', is: '5', thing: 'TG22', by: 'Kim', why: 'five to a pack' }
  const answer = await fetch(`${world.url}/api/tables/units/factors`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(said),
  })
  expect((await answer.json()) as FactorAnswer).toMatchObject({ was: null, releases: { records: 1 } })
  const booked = await until(() => itemsFor(number))
  expect(booked.items).toMatchObject([{ RequestedQuantity: '5.000', NetPriceAmount: '2400.00' }])
})
