// A contract that wants what the ERP adds as one amount, and what it splits as one line: the same order, told otherwise.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sobject } from '@plumbline/connector-salesforce'
import {
  type AnyContract,
  type AnyEntryRule,
  type AnyRule,
  type Field,
  type Fields,
  type Instance,
  linesOf,
  type Mapping,
  money,
  type Project,
  text,
} from '@plumbline/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newAccount, newProduct, newQuote, startWorld, until, type World } from './world.ts'

/** The example's order with another word on its lines. */
function summed(order: AnyContract): AnyContract {
  const lines = order.fields.lines as Field<unknown>
  return {
    ...order,
    fields: {
      ...order.fields,
      freight: money('Freight').ownedBy('erp').optional(),
      lines: linesOf(
        'Products',
        {
          keyedBy: 'line',
          standBy: 'product',
          extras: { by: 'erp', where: { kind: 'TAX' }, sum: 'net', into: 'freight' },
          parts: { of: 'splitFrom', summed: ['quantity', 'shipped', 'open'] },
        },
        {
          ...(lines.of as Record<'product' | 'quantity' | 'shipped' | 'open' | 'splitFrom', Field<unknown>>),
          kind: text('Item category').ownedBy('erp').optional(),
          net: money('Net amount').ownedBy('erp').optional(),
        },
      ),
    },
  }
}
function withRules(mapping: Mapping, freight: AnyRule, more: Record<string, AnyEntryRule>): Mapping {
  const { lines } = mapping.rules
  if (typeof lines !== 'object' || !('each' in lines)) throw new Error('The order has lines')
  return { ...mapping, rules: { ...mapping.rules, freight, lines: { ...lines, fields: { ...lines.fields, ...more } } } }
}
/** What was rejected is worth nothing, whatever its net amount was. */
const netIn: AnyEntryRule = {
  from: ['NetAmount', 'SalesDocumentRjcnReason'],
  read: (item: { NetAmount?: unknown; SalesDocumentRjcnReason?: string | null }) =>
    item.SalesDocumentRjcnReason ? undefined : item.NetAmount,
}

/** The org's order, with a field for freight. */
const orderIn = ({ connector }: Instance) =>
  connector.object(
    'Order',
    sobject(
      'Order',
      { ...(connector.objects.Order?.fields as Fields), Freight__c: money('Freight') },
      { lists: { OrderItems: { object: 'OrderItem', parent: 'OrderId' } } },
    ),
  )
const project = (example: Project): Project => ({
  ...example,
  contracts: example.contracts.map(one => (one.contract === 'order' ? summed(one) : one)),
  systems: example.systems.map(system => ({
    ...system,
    ...(system.role === 'crm' && { connector: orderIn(system) }),
    mappings: system.mappings.map(one => {
      if (one.contract !== 'order') return one
      return system.role === 'erp'
        ? withRules(one, { skip: 'the sum of its freight items' }, { kind: 'SalesOrderItemCategory', net: netIn })
        : withRules(one, 'Freight__c', {
            kind: { skip: 'shown as freight' },
            net: { skip: 'Salesforce multiplies itself' },
          })
    }),
  })),
})

let world: World
let folder: string
let account: string
let seal: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-summed-'))
  const path = fileURLToPath(new URL('../../examples/quote-to-cash/salesforce.metadata.json', import.meta.url))
  const metadata = JSON.parse(await readFile(path, 'utf8'))
  metadata.objects.Order.fields.Freight__c = { type: 'currency', label: 'Freight', precision: 18, scale: 2 }
  await writeFile(join(folder, 'metadata.json'), JSON.stringify(metadata))
  world = await startWorld({ metadata: join(folder, 'metadata.json'), project })
  account = await newAccount(world.org, 'Seals & Co', '10100001')
  seal = await newProduct(world.org, 'Seal', 'TG11')
}, 60_000)
afterAll(async () => {
  await world?.close()
  await rm(folder, { recursive: true, force: true })
})

type Line = Readonly<Record<string, unknown>> & { readonly Id: string }
type Order = { readonly id: string; readonly number: string }
const lines = async ({ id }: Order): Promise<Line[]> =>
  (
    await world.org.query<Line>(
      `SELECT Id, Quantity, UnitPrice, Shipped_Quantity__c, Open_Quantity__c FROM OrderItem WHERE OrderId = '${id}'`,
    )
  ).records
const order = async ({ id }: Order) => world.org.sobject('Order').retrieve(id)
const inS4 = async ({ number }: Order): Promise<{ TotalNetAmount: string; to_Item: { results: Line[] } }> => {
  const path = `/sap/opu/odata/sap/API_SALES_ORDER_SRV/A_SalesOrder('${number}')?$expand=to_Item`
  const headers = { authorization: `Basic ${btoa('clerk:clerk')}`, accept: 'application/json' }
  return ((await (await fetch(world.s4.url + path, { headers })).json()) as { d: never }).d
}

async function anOrder(): Promise<Order> {
  const quote = await newQuote(world.org, account, [{ product: seal, quantity: 10, price: 17.55 }])
  return until(async () => {
    const soql = `SELECT Id, ERP_Order_Number__c FROM Order WHERE PoNumber = '${quote.number}'`
    const [found] = (await world.org.query<{ Id: string; ERP_Order_Number__c: string }>(soql)).records
    return found && { id: found.Id, number: found.ERP_Order_Number__c }
  })
}
/** The ERP's order as it now is has been understood, and nothing is on its way. */
const quiet = (of: Order) =>
  until(async () => {
    const { to_Item } = await inS4(of)
    const [at] = await world.engine.db.query<{ items: number; busy: boolean }>(
      `select jsonb_array_length(native -> 'to_Item') as items,
         exists (select from inbox where not parked) or exists (select from delivery where state = 'due') as busy
       from holding where system = 's4' and native_id = $1`,
      [of.number],
    )
    return at?.busy === false && at.items === to_Item.results.length
  })
const writes = async ({ id }: Order): Promise<number> =>
  (await world.journal(world.salesforce, 'Order')).filter(entry => entry.id === id && entry.by === 'plumbline').length

test('freight that the ERP adds is an amount of the order, and what it takes back is none', async () => {
  const one = await anOrder()
  await world.inS4('clerk/freight', { salesOrder: one.number, amount: '12.34' })
  await world.inS4('clerk/freight', { salesOrder: one.number, amount: '0.07' })
  await until(async () => (await order(one)).Freight__c === 12.41)
  await quiet(one)
  expect(await lines(one)).toMatchObject([{ Quantity: 10, UnitPrice: 17.55 }])
  expect(await order(one)).toMatchObject({ TotalAmount: 175.5, Freight__c: 12.41, ERP_Net_Total__c: 187.91 })
  expect((await inS4(one)).TotalNetAmount).toBe('187.91')
  const before = await writes(one)
  await world.inS4('clerk/reject', { salesOrder: one.number, reason: '10' })
  await until(async () => (await order(one)).ERP_Net_Total__c === 0)
  await quiet(one)
  expect(await lines(one)).toHaveLength(1)
  expect(await order(one)).toMatchObject({ Freight__c: null })
  expect((await inS4(one)).to_Item.results).toHaveLength(3)
  expect(await writes(one)).toBe(before + 1)
})

test('an item that the ERP splits stays one line of ten, is written to nobody, and is shipped part by part', async () => {
  const one = await anOrder()
  await quiet(one)
  const before = await writes(one)
  const [line] = await lines(one)
  await world.inS4('clerk/split', { salesOrder: one.number, item: '10', quantity: '4', keepsReference: true })
  await quiet(one)
  expect(await lines(one)).toMatchObject([{ Id: line?.Id, Quantity: 10, Open_Quantity__c: 10 }])
  expect(await writes(one)).toBe(before)
  await world.inS4('warehouse/ship', { salesOrder: one.number, items: [{ item: '20', quantity: '3' }] })
  await until(async () => (await lines(one))[0]?.Shipped_Quantity__c === 3)
  await quiet(one)
  expect(await lines(one)).toMatchObject([{ Id: line?.Id, Quantity: 10, Shipped_Quantity__c: 3, Open_Quantity__c: 7 }])
  expect((await inS4(one)).to_Item.results.map(item => Number(item.RequestedQuantity))).toEqual([6, 4])
})
