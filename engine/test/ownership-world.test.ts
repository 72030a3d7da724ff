// Ownership between a Salesforce org and an S/4HANA: both edited at once, wishes after the booking, and not one write too many.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DisputePage, Tasks } from '../src/index.ts'
import { newAccount, newProduct, newQuote, startWorld, until, type World } from './world.ts'

let world: World
let account: string
let product: string
beforeAll(async () => {
  world = await startWorld()
  account = await newAccount(world.org, 'Seals & Co', '10100001')
  product = await newProduct(world.org, 'Seal', 'TG11')
}, 60_000)
afterAll(() => world?.close())

const orders = '/sap/opu/odata/sap/API_SALES_ORDER_SRV/A_SalesOrder'
const asClerk = { authorization: `Basic ${btoa('clerk:clerk')}`, accept: 'application/json' }

type S4Order = Readonly<Record<string, unknown>> & { readonly SalesOrder: string }
async function inS4(number: string): Promise<S4Order> {
  const answer = await fetch(`${world.s4.url}${orders}('${number}')`, { headers: asClerk })
  return ((await answer.json()) as { d: S4Order }).d
}
/** As a person at the ERP's own screen, who looks again when somebody was faster. */
async function changeInS4(number: string, fields: object): Promise<void> {
  const url = `${world.s4.url}${orders}('${number}')`
  const seen = await fetch(url, { headers: { ...asClerk, 'x-csrf-token': 'fetch' } })
  const changed = await fetch(url, {
    method: 'PATCH',
    headers: {
      ...asClerk,
      'content-type': 'application/json',
      'x-csrf-token': seen.headers.get('x-csrf-token') ?? '',
      'if-match': seen.headers.get('etag') ?? '',
      cookie: seen.headers.getSetCookie().join('; '),
    },
    body: JSON.stringify(fields),
  })
  if (changed.status === 412) return changeInS4(number, fields)
  if (!changed.ok) throw new Error(`S/4HANA answered ${changed.status}: ${await changed.text()}`)
}

const inSales = (id: string) => world.org.sobject('Order').retrieve(id)
const ours = async (sandbox: { url: string }, object: string, id: string, who: string) =>
  (await world.journal(sandbox, object)).filter(entry => entry.id === id && entry.by === who)

/** How often we wrote to an order, as the systems' own journals have it. */
async function writesTo(id: string, number: string): Promise<{ sales: number; s4: number }> {
  const sales = await ours(world.salesforce, 'Order', id, 'plumbline')
  return { sales: sales.length, s4: (await ours(world.s4, 'A_SalesOrder', number, 'sandbox')).length }
}

async function anOrder(): Promise<{ id: string; number: string }> {
  const quote = await newQuote(world.org, account, [{ product, quantity: 2, price: 17.55 }])
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

test('two people edit different fields of one order at once, one in each system: both edits stand in both', async () => {
  const { id, number } = await anOrder()
  const before = await writesTo(id, number)
  await Promise.all([
    world.org.sobject('Order').update({ Id: id, PoNumber: 'PO 4711' }),
    changeInS4(number, { CustomerPaymentTerms: 'NT60' }),
  ])
  const order = await until(async () => {
    const now = await inSales(id)
    return now.Payment_Terms__c === 'Net 60' && (await inS4(number)).PurchaseOrderByCustomer === 'PO 4711' && now
  })
  await quiet()
  expect(order).toMatchObject({ PoNumber: 'PO 4711', Payment_Terms__c: 'Net 60' })
  expect(await inS4(number)).toMatchObject({ PurchaseOrderByCustomer: 'PO 4711', CustomerPaymentTerms: 'NT60' })
  expect(await writesTo(id, number)).toEqual({ sales: before.sales + 1, s4: before.s4 + 1 })
  expect((await world.get<DisputePage>('/api/disputes')).disputes).toEqual([])
})

test('payment terms that sales changes after the booking are put right, asked of the order desk, and granted brought to the ERP', async () => {
  const { id, number } = await anOrder()
  await changeInS4(number, { CustomerPaymentTerms: 'NT30' })
  await until(async () => (await inSales(id)).Payment_Terms__c === 'Net 30')
  await quiet()
  const before = await writesTo(id, number)
  await world.org.sobject('Order').update({ Id: id, Payment_Terms__c: 'Net 60' })
  const task = await until(async () => (await world.get<Tasks>('/api/tasks?desk=order%20desk')).tasks[0])
  expect(task).toMatchObject({
    title: `Order ${number}`,
    question: expect.stringMatching(
      /wants payment terms "net 60" instead of "net 30" on Order \d+; the ERP owns it since it was booked/,
    ),
  })
  await quiet()
  expect(await inSales(id)).toMatchObject({
    Payment_Terms__c: 'Net 30',
    Plumbline_Note__c: expect.stringMatching(/^Asked of the order desk: payment terms "net 60" instead of "net 30"/),
  })
  expect(await inS4(number)).toMatchObject({ CustomerPaymentTerms: 'NT30' })

  await world.post(`/api/tasks/${task.task}/answer`, { answer: 'apply', by: 'Ada' })
  await until(async () => (await inS4(number)).CustomerPaymentTerms === 'NT60')
  await until(async () => (await inSales(id)).Plumbline_Note__c === null)
  await quiet()
  expect(await inSales(id)).toMatchObject({ Payment_Terms__c: 'Net 60' })
  const [dispute] = (await world.get<DisputePage>(`/api/disputes?about=${number}`)).disputes
  expect(dispute).toMatchObject({ became: 'applied', decidedBy: 'Ada', wanted: 'net 60', held: 'net 30' })
  expect(await writesTo(id, number)).toEqual({ sales: before.sales + 2, s4: before.s4 + 1 })
})

test('an order number that somebody types over is refused, in words on the order, until the next edit', async () => {
  const { id, number } = await anOrder()
  await world.org.sobject('Order').update({ Id: id, ERP_Order_Number__c: '4711' })
  const refused = await until(async () => {
    const order = await inSales(id)
    return order.Plumbline_Note__c !== null && order
  })
  expect(refused).toMatchObject({
    ERP_Order_Number__c: number,
    Plumbline_Note__c: expect.stringMatching(
      /^Not taken: order number 4711 instead of \d+ on Order \d+ .*: the ERP owns it\.$/,
    ),
  })
  await quiet()
  await world.org.sobject('Order').update({ Id: id, PoNumber: 'PO 4712' })
  await until(async () => (await inSales(id)).Plumbline_Note__c === null)
  expect(await inS4(number)).toMatchObject({ PurchaseOrderByCustomer: 'PO 4712' })
})

test('an order that the ERP cancels while Salesforce is away says why when that is back, and is closed there after that', async () => {
  const { id, number } = await anOrder()
  await world.post('/api/systems/sales/pause', { by: 'test', reason: 'away' })
  await world.inS4('clerk/reject', { salesOrder: number, reason: '03' })
  await until(async () => {
    const [closing] = await world.engine.db.query(
      `select from delivery d join record r using (ref) where d.system = 'sales' and d.close and r.fields ->> 'number' = $1`,
      [number],
    )
    return closing
  })
  await world.post('/api/systems/sales/resume', { by: 'test' })
  await until(async () => (await inSales(id)).Cancelled__c)
  await quiet()
  expect(await inSales(id)).toMatchObject({ Cancelled__c: true, Cancellation_Reason__c: '03', Status: 'Activated' })
  const lines = await world.org.query(`SELECT Cancellation_Reason__c FROM OrderItem WHERE OrderId = '${id}'`)
  expect(lines.records).toMatchObject([{ Cancellation_Reason__c: '03' }])
})
