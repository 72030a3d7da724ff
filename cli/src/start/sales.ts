/** The people of sales, in Salesforce through its public API: what they sell, to whom, and a quote from draft to accepted. */
import { Connection } from '@jsforce/jsforce-node'

/** Twelve products, each under the number that it has in the ERP. */
const CATALOGUE = [
  { code: 'TG11', name: 'Seal kit', price: 17.55 },
  { code: 'TG12', name: 'Control panel', price: 350.1 },
  { code: 'TG13', name: 'Washer', price: 0.07 },
  { code: 'TG14', name: 'Turbine wheel', price: 1299.99 },
  { code: 'TG20', name: 'Technical handbook', price: 29.95 },
  { code: 'TG21', name: 'Inspection stamp', price: 0.85 },
  { code: 'TG22', name: 'Pump, stainless steel', price: 2480 },
  { code: 'FG126', name: 'Pressure gauge', price: 99.9 },
  { code: 'FG228', name: 'Hose coupling', price: 12.34 },
  { code: 'RM16', name: 'Granulate, per kg', price: 3.33 },
  { code: 'SM01', name: 'Installation, per hour', price: 120 },
  { code: 'MZ-FG-M500', name: 'Motor M500', price: 10450 },
] as const

/** Five customers, each under the number that it has in the ERP. */
const CUSTOMERS = [
  { number: '10100001', name: 'Adler Pumpen GmbH' },
  { number: '10100002', name: 'Berliner Wasserwerke' },
  { number: '10100003', name: 'Ondes du Rhône SA' },
  { number: '10100004', name: 'Kleinkunde Bonn' },
  { number: '10100005', name: 'Strenger Kunde Ulm' },
] as const

/** Whose quotes are accepted without asking: their credit is ample. */
export const SOLVENT = ['10100001', '10100002', '10100003'] as const
/** Whose credit limit is small: a large quote is a question to the credit desk. */
export const SMALL = '10100004'
const DATE_FIELD = 'Requested_Delivery_Date__c'
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

/** What there is always enough of. */
const IN_STOCK = CATALOGUE.filter(({ code }) => code !== 'TG14')

type SoldLine = { readonly code: string; readonly quantity: number; readonly price?: number }

/** What a customer has agreed to pay, as the ERP has it too. */
const OWN_PRICES: Readonly<Record<string, Readonly<Record<string, number>>>> = { '10100002': { TG11: 15 } }

export type Sales = {
  /** Enters products, prices and customers that are not there yet; answers how many were new. */
  seed(): Promise<number>
  /** A quote for a customer, accepted at once: answers its number. Without a price of its own a line has the customer's. */
  sell(customer: string, lines: readonly SoldLine[]): Promise<string>
  /** Enters a person at a customer, unless somebody with that e-mail address is there. */
  meet(person: Person): Promise<void>
}

export type Person = {
  readonly customer: string
  readonly firstName: string
  readonly lastName: string
  readonly email: string
}

export type Login = { readonly url: string; readonly clientId: string; readonly clientSecret: string }

export async function salesAt({ url, clientId, clientSecret }: Login): Promise<Sales> {
  const org = new Connection({
    oauth2: { loginUrl: url, clientId, clientSecret },
    version: '67.0',
    callOptions: { client: 'sales-people' },
  })
  await org.authorize({ grant_type: 'client_credentials' })
  const priceBook = await only(org, 'select Id from Pricebook2 where IsStandard = true')
  const { fields } = await org.describe('Quote')
  /** When the customer wants it: asked by sales for long, in the orgs that have a field for it. */
  const wanted = (): Record<string, string> =>
    fields.some(({ name }) => name === DATE_FIELD) ? { [DATE_FIELD]: inDays(7 + Math.floor(Math.random() * 21)) } : {}

  async function seed(): Promise<number> {
    const products = await missing(org, 'Product2', 'ProductCode', CATALOGUE, ({ code }) => code)
    const ids = await create(
      org,
      'Product2',
      products.map(({ code, name }) => ({ Name: name, ProductCode: code, IsActive: true })),
    )
    await create(
      org,
      'PricebookEntry',
      products.map(({ price }, i) => ({
        Pricebook2Id: priceBook,
        Product2Id: ids[i],
        UnitPrice: price,
        IsActive: true,
      })),
    )
    const customers = await missing(org, 'Account', 'AccountNumber', CUSTOMERS, ({ number }) => number)
    await create(
      org,
      'Account',
      customers.map(({ number, name }) => ({ Name: name, AccountNumber: number, Type: 'Customer - Direct' })),
    )
    return products.length + customers.length
  }

  async function sell(customer: string, lines: readonly SoldLine[]): Promise<string> {
    const account = await only(org, `select Id from Account where AccountNumber = '${customer}'`)
    const entries = await pricesOf(
      org,
      lines.map(line => line.code),
    )
    const [opportunity] = await create(org, 'Opportunity', [
      {
        Name: `Order of ${customer}`,
        AccountId: account,
        StageName: 'Proposal/Price Quote',
        CloseDate: '2030-12-31',
        Pricebook2Id: priceBook,
      },
    ])
    const [quote = ''] = await create(org, 'Quote', [
      {
        Name: `Quote for ${customer}`,
        OpportunityId: opportunity,
        Pricebook2Id: priceBook,
        Status: 'Draft',
        ...wanted(),
      },
    ])
    await create(
      org,
      'QuoteLineItem',
      lines.map(({ code, quantity, price }) => {
        const entry = entries.get(code)
        const agreed = price ?? OWN_PRICES[customer]?.[code] ?? entry?.price
        return { QuoteId: quote, PricebookEntryId: entry?.id, Quantity: quantity, UnitPrice: agreed }
      }),
    )
    await succeeded(org.sobject('Quote').update({ Id: quote, Status: 'Accepted' }))
    const row = await org.sobject('Quote').retrieve(quote)
    return String(row.QuoteNumber)
  }

  async function meet({ customer, firstName, lastName, email }: Person): Promise<void> {
    const [unknown] = await missing(org, 'Contact', 'Email', [email], address => address)
    if (unknown === undefined) return
    const AccountId = await only(org, `select Id from Account where AccountNumber = '${customer}'`)
    await create(org, 'Contact', [{ AccountId, FirstName: firstName, LastName: lastName, Email: email }])
  }

  return { seed, sell, meet }
}

/** One to three products in quantities a customer would order. */
export function anyLines(random: () => number): { code: string; quantity: number }[] {
  const codes = new Set(
    Array.from(
      { length: 1 + Math.floor(random() * 3) },
      () => IN_STOCK[Math.floor(random() * IN_STOCK.length)]?.code ?? 'TG11',
    ),
  )
  return [...codes].map(code => ({ code, quantity: 1 + Math.floor(random() * 8) }))
}

async function only(org: Connection, soql: string): Promise<string> {
  const { records } = await org.query<{ Id?: string }>(soql)
  const id = records[0]?.Id
  if (!id) throw new Error(`Salesforce finds nothing for: ${soql}`)
  return id
}

async function missing<T>(
  org: Connection,
  object: string,
  field: string,
  wanted: readonly T[],
  keyOf: (one: T) => string,
): Promise<T[]> {
  const keys = wanted.map(one => `'${keyOf(one)}'`).join(', ')
  const { records } = await org.query<Record<string, unknown>>(
    `select ${field} from ${object} where ${field} in (${keys})`,
  )
  const there = new Set(records.map(row => String(row[field])))
  return wanted.filter(one => !there.has(keyOf(one)))
}

async function pricesOf(
  org: Connection,
  codes: readonly string[],
): Promise<Map<string, { id: string; price: number }>> {
  const list = codes.map(code => `'${code}'`).join(', ')
  const { records } = await org.query<{ Id: string; ProductCode: string; UnitPrice: number }>(
    `select Id, ProductCode, UnitPrice from PricebookEntry where ProductCode in (${list}) and Pricebook2.IsStandard = true`,
  )
  return new Map(records.map(row => [row.ProductCode, { id: row.Id, price: row.UnitPrice }]))
}

async function create(org: Connection, object: string, rows: readonly Record<string, unknown>[]): Promise<string[]> {
  if (rows.length === 0) return []
  const results = await org.sobject(object).create([...rows])
  return results.map(result => {
    if (result.success) return result.id
    throw new Error(`Salesforce refuses a ${object}: ${result.errors.map(error => error.message).join('; ')}`)
  })
}

async function succeeded(
  saving: Promise<{ readonly success: boolean; readonly errors?: readonly { readonly message: string }[] }>,
): Promise<void> {
  const result = await saving
  if (!result.success)
    throw new Error(`Salesforce refuses the change: ${(result.errors ?? []).map(error => error.message).join('; ')}`)
}
