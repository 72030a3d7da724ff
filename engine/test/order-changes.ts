// Orders between Salesforce and S/4HANA at every stage that they pass through, and the changes that people make to them: what a
// salesperson does in Salesforce, what a clerk does in the ERP, and what both systems say afterwards.
import type { DisputePage } from '../src/index.ts'
import { newAccount, newProduct, newQuote, until, type World } from './world.ts'

export const STAGES = ['booked', 'on hold', 'partly shipped', 'shipped', 'invoiced', 'paid', 'cancelled'] as const
export type Stage = (typeof STAGES)[number]

/** An order as one system shows it, in words that both have in common. */
export type Shown = {
  readonly reference: string
  readonly terms: string
  readonly date: string
  readonly shipTo: string
  readonly hold: string
  readonly cancellation: string
  readonly cancelled: boolean
  /** `TG11: 5 × 17.55`, sorted. */
  readonly lines: readonly string[]
}
export type Place = { readonly number: string; readonly id: string }

const asClerk = { authorization: `Basic ${btoa('clerk:clerk')}`, accept: 'application/json' }
const service = '/sap/opu/odata/sap/API_SALES_ORDER_SRV'
const sapDay = (day: string): string => `/Date(${Date.parse(`${day}T00:00:00Z`)})/`
const sorted = (lines: readonly string[]): string[] => lines.toSorted()

const line = (product: string, quantity: number, price: number, cancellation = ''): string =>
  `${product}: ${quantity} × ${price.toFixed(2)}${cancellation && `, cancelled (${cancellation})`}`

type Node = { readonly method: string; readonly url: string; readonly body?: object }

/** A change that people make, in Salesforce and in the ERP, and what an order is to look like when it was taken. */
export type Change = {
  readonly inSales: (bench: Bench, order: Place) => Promise<unknown>
  readonly inErp: (bench: Bench, order: Place) => Promise<unknown>
  readonly done: (before: Shown) => Shown
}

/** All changes address the first line of an order, of which two of five have left when it is partly shipped. */
const first = (change: (line: string) => string[]) => (before: Shown) => ({
  ...before,
  lines: sorted(before.lines.flatMap(one => (one.startsWith('TG11') ? change(one) : [one]))),
})
const header = (fields: object, erp: object, shown: Partial<Shown>): Change => ({
  inSales: (bench, order) => bench.sales('Order', { Id: order.id, ...fields }),
  inErp: (bench, order) => bench.erp('PATCH', `A_SalesOrder('${order.number}')`, erp),
  done: before => ({ ...before, ...shown }),
})
const quantity = (to: number): Change => ({
  inSales: async (bench, order) =>
    bench.reopened(order, [{ method: 'PATCH', url: await bench.itemUrl(order), body: { Quantity: to } }]),
  inErp: (bench, order) => bench.erp('PATCH', bench.itemPath(order), { RequestedQuantity: String(to) }),
  done: first(() => [line('TG11', to, 17.55)]),
})
const customer = '10100002'
const reason = '10'

export const CHANGES: Readonly<Record<string, Change>> = {
  'add a line': {
    inSales: async (bench, order) => {
      const body = { OrderId: order.id, PricebookEntryId: bench.entries.TG12, Quantity: 1, UnitPrice: 350.1 }
      return bench.reopened(order, [{ method: 'POST', url: '/sobjects/OrderItem', body }])
    },
    inErp: (bench, order) =>
      bench.erp('POST', `A_SalesOrder('${order.number}')/to_Item`, { Material: 'TG12', RequestedQuantity: '1' }),
    done: before => ({ ...before, lines: sorted([...before.lines, line('TG12', 1, 350.1)]) }),
  },
  'remove a line': {
    inSales: async (bench, order) => bench.reopened(order, [{ method: 'DELETE', url: await bench.itemUrl(order) }]),
    inErp: (bench, order) => bench.erp('DELETE', bench.itemPath(order)),
    done: first(() => []),
  },
  'quantity up': quantity(8),
  'quantity down': quantity(3),
  price: {
    inSales: async (bench, order) =>
      bench.reopened(order, [{ method: 'PATCH', url: await bench.itemUrl(order), body: { UnitPrice: 16 } }]),
    inErp: (bench, order) => bench.erpPrice(order, '16.00'),
    done: first(() => [line('TG11', 5, 16)]),
  },
  'requested date': header(
    { Requested_Delivery_Date__c: '2031-05-01' },
    { RequestedDeliveryDate: sapDay('2031-05-01') },
    { date: '2031-05-01' },
  ),
  'delivery address': {
    inSales: (bench, order) => bench.sales('Order', { Id: order.id, Ship_To__c: bench.accounts[customer] }),
    inErp: (bench, order) =>
      bench.erp('PATCH', `A_SalesOrderHeaderPartner(SalesOrder='${order.number}',PartnerFunction='SH')`, {
        Customer: customer,
      }),
    done: before => ({ ...before, shipTo: customer }),
  },
  hold: header({ Hold__c: 'Customer' }, { DeliveryBlockReason: 'Z1' }, { hold: 'Z1' }),
  release: header({ Hold__c: null }, { DeliveryBlockReason: '' }, { hold: '' }),
  'cancel a line': {
    inSales: async (bench, order) =>
      bench.sales('OrderItem', {
        Id: (await bench.itemUrl(order)).split('/').at(-1) ?? '',
        Cancellation_Reason__c: reason,
      }),
    inErp: (bench, order) => bench.erp('PATCH', bench.itemPath(order), { SalesDocumentRjcnReason: reason }),
    done: first(one => [`${one}, cancelled (${reason})`]),
  },
  'cancel the order': {
    inSales: (bench, order) => bench.sales('Order', { Id: order.id, Cancellation_Reason__c: reason }),
    inErp: (bench, order) => bench.world.inS4('clerk/reject', { salesOrder: order.number, reason }),
    done: before => ({
      ...before,
      cancellation: reason,
      cancelled: true,
      lines: before.lines.map(one => `${one}, cancelled (${reason})`),
    }),
  },
  'payment terms': header({ Payment_Terms__c: 'Net 60' }, { CustomerPaymentTerms: 'NT60' }, { terms: 'NT60' }),
  reference: header({ PoNumber: 'PO 4711' }, { PurchaseOrderByCustomer: 'PO 4711' }, { reference: 'PO 4711' }),
}

export type Bench = Awaited<ReturnType<typeof startBench>>

export async function startBench(world: World) {
  const accounts: Record<string, string> = {}
  for (const number of ['10100001', customer]) accounts[number] = await newAccount(world.org, `Buyer ${number}`, number)
  const products: Record<string, string> = {}
  for (const code of ['TG11', 'TG12', 'TG13']) products[code] = await newProduct(world.org, code, code)
  const found = await world.org.query<{ Id: string; Product2: { ProductCode: string } }>(
    'SELECT Id, Product2.ProductCode FROM PricebookEntry',
  )
  const entries = Object.fromEntries(found.records.map(row => [row.Product2.ProductCode, row.Id]))
  await world.inS4('clerk/credit-limit', { customer: '10100001', limit: '90000000.00' })
  /** The first items of the orders in Salesforce. */
  const items = new Map<string, string>()

  const bench = {
    world,
    accounts,
    entries,
    itemPath: (order: Place): string => `A_SalesOrderItem(SalesOrder='${order.number}',SalesOrderItem='10')`,
    itemUrl: async (order: Place): Promise<string> => `/sobjects/OrderItem/${items.get(order.id)}`,

    sales: (object: string, row: { Id: string } & Record<string, unknown>): Promise<unknown> =>
      world.org.sobject(object).update(row),

    /** What a salesperson's button does: an active order takes no products, so it is a draft while they change. */
    async reopened(order: Place, nodes: readonly Node[]): Promise<void> {
      const { Status } = await world.org.sobject('Order').retrieve(order.id)
      const at = `/sobjects/Order/${order.id}`
      const all = [
        { method: 'PATCH', url: at, body: { Status: 'Draft' } },
        ...nodes,
        { method: 'PATCH', url: at, body: { Status } },
      ].map(({ url, ...node }, n) => ({ ...node, url: `/services/data/v67.0${url}`, referenceId: `n${n}` }))
      const body = JSON.stringify({ graphs: [{ graphId: 'g', compositeRequest: all }] })
      const headers = { 'content-type': 'application/json' }
      const url = '/composite/graph'
      const answer = await world.org.request<{ graphs: { isSuccessful: boolean }[] }>({
        method: 'POST',
        url,
        body,
        headers,
      })
      if (!answer.graphs[0]?.isSuccessful) throw new Error(`Salesforce refused: ${JSON.stringify(answer)}`)
    },

    /** As a person at the ERP's own screen, who looks again when somebody was faster. */
    async erp(method: string, path: string, body?: object): Promise<unknown> {
      const root = `${world.s4.url}${service}`
      const seen = await fetch(`${root}/`, { headers: { ...asClerk, 'x-csrf-token': 'fetch' } })
      const answer = await fetch(`${root}/${path}`, {
        method,
        headers: {
          ...asClerk,
          'content-type': 'application/json',
          'x-csrf-token': seen.headers.get('x-csrf-token') ?? '',
          'if-match': '*',
          cookie: seen.headers.getSetCookie().join('; '),
        },
        ...(body && { body: JSON.stringify(body) }),
      })
      if (!answer.ok) throw new Error(`S/4HANA answered ${answer.status}: ${await answer.text()}`)
      return answer.status
    },

    async erpPrice(order: Place, rate: string): Promise<unknown> {
      const item = `${bench.itemPath(order)}/to_PricingElement`
      const answer = await fetch(`${world.s4.url}${service}/${item}`, { headers: asClerk })
      const { d } = (await answer.json()) as { d: { results: Record<string, string>[] } }
      const price = d.results.find(row => row.ConditionType === 'PMP0')
      const step = `PricingProcedureStep='${price?.PricingProcedureStep}',PricingProcedureCounter='${price?.PricingProcedureCounter}'`
      const path = `A_SalesOrderItemPrElement(SalesOrder='${order.number}',SalesOrderItem='10',${step})`
      return bench.erp('PATCH', path, { ConditionRateValue: rate, ConditionCurrency: 'EUR', ConditionQuantity: '1' })
    },

    /** Quotes that are accepted, and the orders that came of them. */
    async orders(count: number): Promise<Place[]> {
      const quotes = await inTurns(Array.from({ length: count }), () =>
        newQuote(world.org, accounts['10100001'] ?? '', [
          { product: products.TG11 ?? '', quantity: 5, price: 17.55 },
          { product: products.TG13 ?? '', quantity: 2, price: 0.07 },
        ]),
      )
      const numbers = new Map<string, Place>()
      await until(async () => {
        const { records } = await world.org.query<SalesOrder>(`${soql} LIMIT 2000`)
        for (const row of records) {
          numbers.set(row.PoNumber, { id: row.Id, number: row.ERP_Order_Number__c })
          const item = row.OrderItems?.records.find(one => one.Product2.ProductCode === 'TG11')
          if (item) items.set(row.Id, item.Id)
        }
        return quotes.every(quote => numbers.has(quote.number))
      }, 60_000)
      return quotes.map(quote => numbers.get(quote.number) as Place)
    },

    /** Brings an order to a stage, as the people in the ERP do. */
    async reach(stage: Stage, change: string, { number }: Place): Promise<void> {
      const door = async (
        path: string,
        body: object = { salesOrder: number },
      ): Promise<Record<string, { BillingDocument?: string }>> => {
        const answer = (await world.inS4(path, body)) as Record<string, { BillingDocument?: string }>
        if ('error' in answer) throw new Error(`${path}: ${JSON.stringify(answer)}`)
        return answer
      }
      if (stage === 'partly shipped')
        await door('warehouse/ship', { salesOrder: number, items: [{ item: '10', quantity: '2' }] })
      // What is to be released must have been held, where an order can be.
      if (stage === 'on hold' || (change === 'release' && canBeHeld.has(stage)))
        await bench.erp('PATCH', `A_SalesOrder('${number}')`, { DeliveryBlockReason: '01' })
      if (isShipped.has(stage)) await door('warehouse/ship')
      const invoice = stage === 'invoiced' || stage === 'paid' ? await door('clerk/invoice') : undefined
      if (stage === 'paid') await door('clerk/pay', { billingDocument: invoice?.billingDocument?.BillingDocument })
      if (stage === 'cancelled') await door('clerk/reject', { salesOrder: number, reason: '03' })
    },

    /** All orders as Salesforce shows them, with what it says on them. */
    async inSales(): Promise<Map<string, Shown & { readonly note: string }>> {
      const { records } = await world.org.query<SalesOrder>(`${soql} LIMIT 2000`)
      return new Map(records.map(row => [row.Id, shownInSales(row)]))
    },

    /** All orders as the ERP shows them, by their numbers. */
    async inErp(): Promise<Map<string, Shown>> {
      const url = `${world.s4.url}${service}/A_SalesOrder?$expand=to_Item,to_Partner`
      const { d } = (await (await fetch(url, { headers: asClerk })).json()) as { d: { results: ErpOrder[] } }
      return new Map(d.results.map(row => [row.SalesOrder, shownInErp(row)]))
    },

    /** How often each order was written by us, as the systems' own journals have it. */
    async writes(): Promise<{ readonly sales: Map<string, number>; readonly erp: Map<string, number> }> {
      const count = async (sandbox: { url: string }, object: string, by: string) => {
        const ours = (await world.journal(sandbox, object)).filter(entry => entry.by === by)
        return new Map([...Map.groupBy(ours, entry => entry.id)].map(([id, all]) => [id, all.length]))
      }
      return {
        sales: await count(world.salesforce, 'Order', 'plumbline'),
        erp: await count(world.s4, 'A_SalesOrder', 'sandbox'),
      }
    },

    async disputes(): Promise<DisputePage['disputes']> {
      const all: DisputePage['disputes'][number][] = []
      for (let after: string | null = ''; after !== null; ) {
        const page: DisputePage = await world.get(
          `/api/disputes?limit=200${after && `&after=${encodeURIComponent(after)}`}`,
        )
        all.push(...page.disputes)
        after = page.next
      }
      return all
    },

    /** Everything that was told is understood, decided and delivered. */
    async quiet(): Promise<void> {
      let busy: readonly Record<string, unknown>[] = []
      const isQuiet = async () => {
        busy = await world.engine.db.query(
          `select 'told' as what, native_id as of, reason from inbox where not parked
           union all select 'disputed', field, reason from dispute where due
           union all select 'to deliver', system || ' ' || ref, reason from delivery where state = 'due'
           union all select 'to go on', title, null from journey where state = 'ready' limit 5`,
        )
        return busy.length === 0
      }
      await until(isQuiet, 30_000).catch(() => Promise.reject(new Error(`Still busy: ${JSON.stringify(busy)}`)))
    },
  }
  return bench
}

const canBeHeld: ReadonlySet<Stage> = new Set(['partly shipped', 'cancelled'])
const isShipped: ReadonlySet<Stage> = new Set(['shipped', 'invoiced', 'paid'])

type SalesOrder = {
  readonly Id: string
  readonly PoNumber: string
  readonly ERP_Order_Number__c: string
  readonly Payment_Terms__c: string | null
  readonly Requested_Delivery_Date__c: string | null
  readonly Ship_To__r: { readonly AccountNumber: string } | null
  readonly Hold__c: string | null
  readonly Cancellation_Reason__c: string | null
  readonly Cancelled__c: boolean
  readonly Plumbline_Note__c: string | null
  readonly OrderItems: {
    readonly records: readonly {
      readonly Id: string
      readonly Product2: { readonly ProductCode: string }
      readonly Quantity: number
      readonly UnitPrice: number
      readonly Cancellation_Reason__c: string | null
    }[]
  } | null
}
const soql = `SELECT Id, PoNumber, ERP_Order_Number__c, Payment_Terms__c, Requested_Delivery_Date__c, Ship_To__r.AccountNumber,
  Hold__c, Cancellation_Reason__c, Cancelled__c, Plumbline_Note__c,
  (SELECT Id, Product2.ProductCode, Quantity, UnitPrice, Cancellation_Reason__c FROM OrderItems) FROM Order`

/** What Salesforce calls otherwise than the ERP. */
const inWordsOfErp: Readonly<Record<string, string>> = {
  ...{ 'Due on receipt': '0001', 'Net 30': 'NT30', 'Net 60': 'NT60', '2/14 Net 30': '0002' },
  ...{ Credit: '01', Papers: '04', Customer: 'Z1' },
}
const word = (value: string | null): string => (value === null ? '' : (inWordsOfErp[value] ?? value))

const shownInSales = (row: SalesOrder): Shown & { readonly note: string } => ({
  reference: row.PoNumber,
  terms: word(row.Payment_Terms__c),
  date: row.Requested_Delivery_Date__c ?? '',
  shipTo: row.Ship_To__r?.AccountNumber ?? '',
  hold: word(row.Hold__c),
  cancellation: row.Cancellation_Reason__c ?? '',
  cancelled: row.Cancelled__c,
  lines: sorted(
    (row.OrderItems?.records ?? []).map(item =>
      line(item.Product2.ProductCode, item.Quantity, item.UnitPrice, item.Cancellation_Reason__c ?? ''),
    ),
  ),
  note: row.Plumbline_Note__c ?? '',
})

type ErpOrder = Readonly<
  Record<'SalesOrder' | 'PurchaseOrderByCustomer' | 'CustomerPaymentTerms' | 'DeliveryBlockReason', string>
> & {
  readonly RequestedDeliveryDate: string
  readonly OverallSDDocumentRejectionSts: string
  readonly to_Partner: { readonly results: readonly { readonly PartnerFunction: string; readonly Customer: string }[] }
  readonly to_Item: { readonly results: readonly Readonly<Record<string, string>>[] }
}

function shownInErp(row: ErpOrder): Shown {
  const items = row.to_Item.results
  const reasons = items.map(item => item.SalesDocumentRjcnReason)
  return {
    reference: row.PurchaseOrderByCustomer,
    terms: row.CustomerPaymentTerms,
    date: new Date(Number(/\d+/.exec(row.RequestedDeliveryDate)?.[0])).toISOString().slice(0, 10),
    shipTo: row.to_Partner.results.find(one => one.PartnerFunction === 'SH')?.Customer ?? '',
    hold: row.DeliveryBlockReason,
    cancellation: reasons.every(Boolean) ? (reasons[0] ?? '') : '',
    cancelled: row.OverallSDDocumentRejectionSts === 'C',
    lines: sorted(
      items.map(item =>
        line(
          item.Material ?? '',
          Number(item.RequestedQuantity),
          Number(item.NetPriceAmount),
          item.SalesDocumentRjcnReason,
        ),
      ),
    ),
  }
}

/** Some at a time: as many as people who work beside each other. */
export async function inTurns<T, R>(all: readonly T[], work: (one: T) => Promise<R>, beside = 8): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const turn = async (): Promise<void> => {
    for (let at = next++; at < all.length; at = next++) results[at] = await work(all[at] as T)
  }
  await Promise.all(Array.from({ length: beside }, turn))
  return results
}
