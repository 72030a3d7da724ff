// The people outside the console: sales in Salesforce, warehouse and clerk in the ERP; and what the sandboxes wrote down.
import { Connection } from '@jsforce/jsforce-node'
import type { Addresses } from './product.ts'
import { eventually } from './visitor.ts'

/** Customers and products that `plumb start` brings along, under their numbers in the ERP. */
const ADLER = '10100001'
/** Of whom no test knows the name. */
export const OTHERS = ['10100002', '10100003'] as const
/** Whose credit limit is small. */
export const KLEINKUNDE = '10100004'
const SEAL_KIT = 'TG11'
/** One of these is more than Kleinkunde Bonn may owe. */
const PUMP = 'TG22'

/** One row that a sandbox wrote into its journal, whoever caused it. */
type Entry = {
  readonly n: number
  readonly kind: string
  readonly object: string
  readonly id: string
  readonly by: string
  readonly fields: Readonly<Record<string, unknown>>
}

type Sale = {
  readonly customer?: string
  readonly product?: 'seal kit' | 'pump'
  readonly quantity?: number
  /** Of the list price; what is far from it is a question to the price desk. */
  readonly discountPercent?: number
  /** When it is to be paid, in the words of sales. */
  readonly terms?: string
}

export type People = {
  /** A quote as sales people make it, accepted at once; its number. */
  acceptQuote(sale?: Sale): Promise<string>
  /** Sales sells the seal kit in another unit; its number, once Plumbline knows. */
  sellSealKitBy(unit: string): Promise<string>
  /** The orders that S/4 booked for a quote, by its journal: it must be one, and never two. */
  ordersOf(quote: string): Promise<readonly Entry[]>
  /** The orders that Salesforce holds of a quote, with the number that the ERP gave them. */
  ordersInSalesforce(quote: string): Promise<readonly Record<string, unknown>[]>
  quoteStatus(quote: string): Promise<string>
  /** As sales people do it in Salesforce, whether it is theirs to change or not. */
  editOrder(quote: string, fields: Readonly<Record<string, string>>): Promise<void>
  /** How many edits of its order somebody made who does not own what they edited. */
  disputesOn(quote: string): Promise<number>
  /** Customers get another name while Salesforce tells of nothing; then it says that more changed than it can tell. */
  changeUnheard(customers: readonly string[]): Promise<void>
  /** Whether the search finds it. */
  isKnown(number: string): Promise<boolean>
  /** Whether a question about this quote waits for an answer. */
  isAsked(quote: string): Promise<boolean>
  ship(salesOrder: string): Promise<void>
  /** The invoice's number. */
  invoice(salesOrder: string): Promise<string>
  pay(invoice: string): Promise<void>
}

export async function peopleOf({ console, salesforce, s4 }: Addresses): Promise<People> {
  const org = new Connection({
    oauth2: { loginUrl: salesforce, clientId: 'sandbox-admin', clientSecret: 'sandbox-admin-secret' },
    version: '67.0',
    callOptions: { client: 'sales-people' },
  })
  await org.authorize({ grant_type: 'client_credentials' })
  const first = async (soql: string): Promise<Record<string, unknown>> => {
    const row = (await org.query<Record<string, unknown>>(soql)).records[0]
    if (!row) throw new Error(`Salesforce finds nothing for: ${soql}`)
    return row
  }
  const create = async (object: string, row: Record<string, unknown>): Promise<string> => {
    const saved = await org.sobject(object).create(row)
    if (!saved.success) throw new Error(`Salesforce refuses a ${object}: ${JSON.stringify(saved.errors)}`)
    return saved.id
  }

  async function acceptQuote(sale: Sale = {}): Promise<string> {
    const { customer = ADLER, product = 'seal kit', quantity = 3, discountPercent = 0, terms } = sale
    const account = await first(`select Id, Name from Account where AccountNumber = '${customer}'`)
    const book = await first('select Id from Pricebook2 where IsStandard = true')
    const code = product === 'pump' ? PUMP : SEAL_KIT
    const price = await first(`select Id, UnitPrice from PricebookEntry where ProductCode = '${code}'`)
    const OpportunityId = await create('Opportunity', {
      Name: `Order of ${account.Name}`,
      AccountId: account.Id,
      StageName: 'Proposal/Price Quote',
      CloseDate: '2030-12-31',
      Pricebook2Id: book.Id,
    })
    const QuoteId = await create('Quote', {
      Name: `Quote for ${account.Name}`,
      OpportunityId,
      Pricebook2Id: book.Id,
    })
    const UnitPrice = Math.round(Number(price.UnitPrice) * (100 - discountPercent)) / 100
    await create('QuoteLineItem', { QuoteId, PricebookEntryId: price.Id, Quantity: quantity, UnitPrice })
    await org.sobject('Quote').update({ Id: QuoteId, Status: 'Accepted', ...(terms && { Payment_Terms__c: terms }) })
    return String((await first(`select QuoteNumber from Quote where Id = '${QuoteId}'`)).QuoteNumber)
  }

  const ordersInSalesforce = async (quote: string) =>
    (
      await org.query<{ Id: string; Status: string; ERP_Order_Number__c: string }>(
        `select Id, Status, ERP_Order_Number__c from Order where Quote.QuoteNumber = '${quote}'`,
      )
    ).records

  async function journal(object: string): Promise<Entry[]> {
    const response = await fetch(`${s4}/_sandbox/journal?object=${object}&limit=100000`)
    const { entries } = (await response.json()) as { entries: Entry[] }
    return entries.filter(entry => entry.by !== 'seed')
  }

  async function inSalesforce(method: string, door: string, body?: object): Promise<void> {
    const response = await fetch(`${salesforce}/_sandbox/${door}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`Salesforce refuses ${door}: ${await response.text()}`)
  }

  async function inS4(door: string, body: object): Promise<Record<string, Record<string, unknown>>> {
    const response = await fetch(`${s4}/_sandbox/${door}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`S/4 refuses ${door}: ${await response.text()}`)
    return (await response.json()) as Record<string, Record<string, unknown>>
  }

  async function sellSealKitBy(QuantityUnitOfMeasure: string): Promise<string> {
    const { Id } = await first(`select Id from Product2 where ProductCode = '${SEAL_KIT}'`)
    await org.sobject('Product2').update({ Id: String(Id), QuantityUnitOfMeasure })
    const known = async (field: string): Promise<string | undefined> => {
      const response = await fetch(`${console}/api/explain/product/${SEAL_KIT}/${field}`)
      return ((await response.json()) as { words?: string }).words
    }
    await eventually(() => known('unit')).toBe(QuantityUnitOfMeasure.toLowerCase())
    await eventually(() => known('baseUnit')).toBe('piece')
    return SEAL_KIT
  }

  return {
    acceptQuote,
    sellSealKitBy,
    ordersOf: async quote =>
      (await journal('A_SalesOrder')).filter(
        entry => entry.kind === 'create' && entry.fields.PurchaseOrderByCustomer === quote,
      ),
    ordersInSalesforce,
    quoteStatus: async quote => String((await first(`select Status from Quote where QuoteNumber = '${quote}'`)).Status),
    editOrder: async (quote, fields) => {
      const [order] = await ordersInSalesforce(quote)
      await org.sobject('Order').update({ Id: order?.Id ?? '', ...fields })
    },
    disputesOn: async quote => {
      const orders = await journal('A_SalesOrder')
      const about = orders.find(one => one.kind === 'create' && one.fields.PurchaseOrderByCustomer === quote)?.id
      const response = await fetch(`${console}/api/disputes?about=${about}`)
      return ((await response.json()) as { disputes: unknown[] }).disputes.length
    },
    changeUnheard: async customers => {
      await inSalesforce('PUT', 'faults', { events: { lostRate: 1 } })
      try {
        for (const customer of customers) {
          const { Id } = await first(`select Id from Account where AccountNumber = '${customer}'`)
          await org.sobject('Account').update({ Id: String(Id), Name: `Renamed ${customer}` })
        }
      } finally {
        await inSalesforce('DELETE', 'faults')
      }
      await inSalesforce('POST', 'gap', { type: 'GAP_OVERFLOW', object: 'Account' })
    },
    isKnown: async number => {
      const response = await fetch(`${console}/api/search?q=${encodeURIComponent(number)}`)
      return ((await response.json()) as { hits: unknown[] }).hits.length > 0
    },
    isAsked: async quote => {
      const { tasks } = (await (await fetch(`${console}/api/tasks`)).json()) as { tasks: { title: string }[] }
      return tasks.some(task => task.title === `Quote ${quote}`)
    },
    ship: async salesOrder => void (await inS4('warehouse/ship', { salesOrder })),
    pay: async billingDocument => void (await inS4('clerk/pay', { billingDocument })),
    invoice: async salesOrder =>
      String((await inS4('clerk/invoice', { salesOrder })).billingDocument?.BillingDocument ?? ''),
  }
}
