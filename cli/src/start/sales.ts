/** The people of sales, in Salesforce through its public API: what they enter there, and a quote from draft to accepted. */
import { Connection } from '@jsforce/jsforce-node'
import type { Customer, Market } from './markets.ts'

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

type SoldLine = { readonly code: string; readonly quantity: number; readonly price?: number }

export type Sales = {
  /** Enters products, prices and customers that are not there yet; answers how many were new. */
  seed(markets: readonly Market[]): Promise<number>
  /** A quote for a customer, accepted at once: answers its number. Without a price of its own a line has the customer's. */
  sell(market: Market, customer: Customer, lines: readonly SoldLine[]): Promise<string>
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
  /** Fields that not every org has. */
  const whereThere = await fieldsOf(org, 'Account', 'Opportunity', 'PricebookEntry', 'Product2', 'Quote')

  async function seed(markets: readonly Market[]): Promise<number> {
    let added = 0
    for (const market of markets) added += await open(market)
    return added
  }

  async function open({ legalEntity, currency, products: catalogue, customers: all }: Market): Promise<number> {
    const products = await missing(org, 'Product2', 'ProductCode', catalogue, ({ code }) => code)
    const ids = await create(
      org,
      'Product2',
      products.map(({ code, name }) => ({
        ...{ Name: name, ProductCode: code, IsActive: true },
        ...whereThere('Product2', { CurrencyIsoCode: currency }),
      })),
    )
    await create(
      org,
      'PricebookEntry',
      products.map(({ price }, i) => ({
        Pricebook2Id: priceBook,
        Product2Id: ids[i],
        UnitPrice: price,
        IsActive: true,
        ...whereThere('PricebookEntry', { CurrencyIsoCode: currency }),
      })),
    )
    const customers = await missing(org, 'Account', 'AccountNumber', all, ({ number }) => number)
    await create(
      org,
      'Account',
      customers.map(({ number, name }) => ({
        ...{ Name: name, AccountNumber: number, Type: 'Customer - Direct' },
        ...whereThere('Account', { Legal_Entity__c: legalEntity, CurrencyIsoCode: currency }),
      })),
    )
    return products.length + customers.length
  }

  async function sell({ currency }: Market, customer: Customer, lines: readonly SoldLine[]): Promise<string> {
    const { number, prices } = customer
    const account = await only(org, `select Id from Account where AccountNumber = '${number}'`)
    const entries = await pricesOf(
      org,
      lines.map(line => line.code),
    )
    const [opportunity] = await create(org, 'Opportunity', [
      {
        Name: `Order of ${number}`,
        AccountId: account,
        StageName: 'Proposal/Price Quote',
        CloseDate: '2030-12-31',
        Pricebook2Id: priceBook,
        ...whereThere('Opportunity', { CurrencyIsoCode: currency }),
      },
    ])
    const [quote = ''] = await create(org, 'Quote', [
      {
        Name: `Quote for ${number}`,
        OpportunityId: opportunity,
        Pricebook2Id: priceBook,
        Status: 'Draft',
        ...whereThere('Quote', {
          CurrencyIsoCode: currency,
          // When the customer wants it: asked by sales for long.
          Requested_Delivery_Date__c: inDays(7 + Math.floor(Math.random() * 21)),
        }),
      },
    ])
    await create(
      org,
      'QuoteLineItem',
      lines.map(({ code, quantity, price }) => {
        const entry = entries.get(code)
        const agreed = price ?? prices?.[code] ?? entry?.price
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

/** What of a row an org has fields for. */
async function fieldsOf(org: Connection, ...objects: readonly string[]) {
  const names = new Map<string, ReadonlySet<string>>()
  for (const object of objects) names.set(object, new Set((await org.describe(object)).fields.map(({ name }) => name)))
  return (object: string, row: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(row).filter(([name]) => names.get(object)?.has(name)))
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
