// Sales: quotes with one to four lines, written in drafts, some edited at the last moment, then accepted, through
// Salesforce's public API. Who was told "accepted" is remembered: that is what must not be lost.
import { Connection } from '@jsforce/jsforce-node'
import { between, oneOf, type Random, randomOf } from '../test/support/random.ts'

export type Product = { readonly code: string; readonly price: number }
/** What is sold to whom, and for how much. */
export type Market = {
  readonly products: readonly Product[]
  readonly solvent: readonly [string, ...string[]]
  /** Whose every quote is a question to the credit desk: it waits for a person, and rightly so. */
  readonly strict: string
  /** What a buyer is offered: prices to the cent as sales people make them, near enough to the ERP's that nobody has to be asked about them. */
  linesFor(buyer: string, random: Random): readonly { code: string; quantity: number; price: number }[]
}

const offered: readonly [Product, ...Product[]] = [
  { code: 'TG11', price: 17.55 },
  { code: 'TG12', price: 350.1 },
  { code: 'TG13', price: 0.07 },
  { code: 'TG20', price: 29.95 },
  { code: 'TG21', price: 0.85 },
  { code: 'FG126', price: 99.9 },
  { code: 'FG228', price: 12.34 },
]
/** It costs less from ten on, so it is not for quotes whose quantities are edited at the last moment. */
const pump: Product = { code: 'TG22', price: 2480 }
/** What a customer pays who has a price of its own. */
const ownPrices: Readonly<Record<string, Readonly<Record<string, number>>>> = { '10100002': { TG11: 15 } }
const strict = '10100005'
const inS4: Market = {
  products: [...offered, pump],
  solvent: ['10100001', '10100002', '10100003'],
  strict,
  linesFor,
}
const callSize = 200

export type Draft = {
  readonly id: string
  readonly lines: readonly { readonly id: string }[]
  /** Whether a person must be asked about it. */
  readonly isDoubtful: boolean
}
export type Traffic = {
  /** Writes quotes in drafts. One in `doubtfulOneIn` is for a customer whose credit must be decided by a person. */
  draft(count: number, doubtfulOneIn?: number): Promise<Draft[]>
  /** Edits a line of a share of the quotes twice, then accepts all of them in one call. Answers the ids that Salesforce acknowledged. */
  accept(drafts: readonly Draft[], editedShare: number): Promise<string[]>
  /** Gives every customer another name twice, one right after the other. */
  rename(): Promise<void>
}
type Row = Record<string, unknown>

export async function openTraffic(url: string, seed: number, market: Market = inS4): Promise<Traffic> {
  const org = new Connection({
    oauth2: { loginUrl: url, clientId: 'sandbox-admin', clientSecret: 'sandbox-admin-secret' },
    version: '67.0',
    callOptions: { client: 'sales-people' },
  })
  await org.authorize({ grant_type: 'client_credentials' })
  const random = randomOf(seed, 'traffic')
  const { entries, accounts, book } = await masterData(org, market)
  let number = 0
  let renamings = 0

  async function draft(count: number, doubtfulOneIn = Number.POSITIVE_INFINITY): Promise<Draft[]> {
    const drafts: Draft[] = []
    while (drafts.length < count) {
      const some = Math.min(callSize, count - drafts.length)
      const buyers = Array.from({ length: some }, () =>
        number++ % doubtfulOneIn === doubtfulOneIn - 1 ? market.strict : oneOf(random, market.solvent),
      )
      drafts.push(...(await draftFor(buyers)))
    }
    return drafts
  }

  async function draftFor(buyers: readonly string[]): Promise<Draft[]> {
    const opportunities = await create(
      org,
      'Opportunity',
      buyers.map((buyer, i) => ({
        Name: `Deal ${i} of ${buyer}`,
        StageName: 'Prospecting',
        CloseDate: '2030-12-31',
        AccountId: accounts.get(buyer),
        Pricebook2Id: book,
      })),
    )
    const quotes = await create(
      org,
      'Quote',
      opportunities.map((id, i) => ({ Name: `Offer to ${buyers[i]}`, OpportunityId: id, Pricebook2Id: book })),
    )
    const lines = quotes.flatMap((QuoteId, i) =>
      market.linesFor(buyers[i] ?? '', random).map(({ code, quantity, price }) => ({
        QuoteId,
        PricebookEntryId: entries.get(code),
        Quantity: quantity,
        UnitPrice: price,
      })),
    )
    const ids: string[] = []
    for (let at = 0; at < lines.length; at += callSize)
      ids.push(...(await create(org, 'QuoteLineItem', lines.slice(at, at + callSize))))
    const linesOf = Map.groupBy(
      ids.map((id, i) => ({ id, quote: lines[i]?.QuoteId ?? '' })),
      line => line.quote,
    )
    return quotes.map((id, i) => ({ id, lines: linesOf.get(id) ?? [], isDoubtful: buyers[i] === market.strict }))
  }

  async function accept(drafts: readonly Draft[], editedShare: number): Promise<string[]> {
    const edited = drafts.flatMap(draft => (random() < editedShare ? draft.lines.slice(0, 1) : []))
    for (let times = 0; times < 2 && edited.length > 0; times++)
      await update(
        org,
        'QuoteLineItem',
        edited.map(({ id }) => ({ Id: id, Quantity: between(random, 1, 20) })),
      )
    return update(
      org,
      'Quote',
      drafts.map(({ id }) => ({ Id: id, Status: 'Accepted' })),
    )
  }

  async function rename(): Promise<void> {
    for (let times = 0; times < 2; times++) {
      renamings++
      const renamed = [...accounts].map(([buyer, id]) => ({ Id: id ?? '', Name: `Customer ${buyer}, ${renamings}` }))
      await update(org, 'Account', renamed)
    }
  }

  return { draft, accept, rename }
}

function linesFor(buyer: string, random: Random): { code: string; quantity: number; price: number }[] {
  if (buyer === strict) return [{ ...pump, quantity: 1 }]
  const chosen = new Set(Array.from({ length: between(random, 1, 4) }, () => oneOf(random, offered)))
  return [...chosen].map(({ code, price }) => ({
    code,
    quantity: between(random, 1, 12),
    price: nearTo(ownPrices[buyer]?.[code] ?? price, random),
  }))
}

/** Within 0.8 % of a price. */
export function nearTo(price: number, random: Random): number {
  const cents = Math.round(price * 100)
  const most = Math.floor(cents * 0.008)
  return (cents + between(random, -most, most)) / 100
}

async function masterData(org: Connection, { products, solvent, strict }: Market) {
  const book = await firstId(org, 'select Id from Pricebook2 where IsStandard = true')
  const codes = products.map(product => product.code)
  const ids = await create(
    org,
    'Product2',
    codes.map(code => ({ Name: `Product ${code}`, ProductCode: code, IsActive: true })),
  )
  const priced = await create(
    org,
    'PricebookEntry',
    products.map(({ price }, i) => ({
      Pricebook2Id: book,
      Product2Id: ids[i],
      UnitPrice: price,
      IsActive: true,
    })),
  )
  const buyers = [...solvent, strict]
  const accounts = await create(
    org,
    'Account',
    buyers.map(buyer => ({ Name: `Customer ${buyer}`, AccountNumber: buyer })),
  )
  return {
    book,
    entries: new Map<string, string | undefined>(codes.map((code, i) => [code, priced[i]])),
    accounts: new Map(buyers.map((buyer, i) => [buyer, accounts[i]])),
  }
}

async function firstId(org: Connection, soql: string): Promise<string> {
  const { records } = await org.query<{ Id: string }>(soql)
  const id = records[0]?.Id
  if (!id) throw new Error(`Salesforce finds nothing for: ${soql}`)
  return id
}

async function create(org: Connection, object: string, rows: Row[]): Promise<string[]> {
  const results = await org.sobject(object).create(rows)
  return results.map(result => {
    if (result.success) return result.id
    throw new Error(`Salesforce refuses a ${object}: ${result.errors.map(error => error.message).join('; ')}`)
  })
}

async function update(org: Connection, object: string, rows: ({ Id: string } & Row)[]): Promise<string[]> {
  const results = await org.sobject(object).update(rows)
  return results.map(result => {
    if (result.success) return result.id
    throw new Error(`Salesforce refuses a change of ${object}: ${result.errors.map(error => error.message).join('; ')}`)
  })
}
