// Why is this value here? People edit quotes, accounts and products in Salesforce, orders go their way through S/4HANA, and the
// test writes down who did what. Then any field of any record must be explained as it was.
import { Connection } from '@jsforce/jsforce-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FieldExplained, FieldsExplained, ProblemBody } from '../src/index.ts'
import { newAccount, newProduct, newQuote, startWorld, until, type World } from './world.ts'

/** What somebody did to a field, as the test saw it. */
type Deed = { readonly value: unknown; readonly nativeId: string; readonly by: string }
/** Of a record as it is asked for, and of a field, all that was done to it, the newest first. */
type Truth = {
  readonly contract: string
  readonly asked: readonly string[]
  readonly field: string
  readonly deeds: Deed[]
}

const people = ['kim.sales', 'lee.sales', 'max.desk', 'ana.lead'] as const
const COUNTS = { accounts: 40, products: 20, quotes: 65, lines: 3, edits: 40, rounds: 2 }
const ASKED = 500

let state = 20_261_122
/** The same edits in every run. */
const random = (below: number): number => {
  state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
  return Math.floor((state / 2_147_483_648) * below)
}

let world: World
let desks: Map<string, Connection>
const truths = new Map<string, Truth>()
/** Salesforce's own field → where it is told: how an edit is made. */
const editable: { object: string; id: string; native: string; truth: Truth; value(): string | number }[] = []

beforeAll(async () => {
  world = await startWorld()
  desks = new Map(people.map(client => [client, connectionOf(client)]))
  await begin()
  for (let round = 1; round <= COUNTS.rounds; round++) await edit(round)
}, 120_000)
afterAll(() => world?.close())

const connectionOf = (client: string): Connection =>
  new Connection({
    version: '67.0',
    instanceUrl: world.org.instanceUrl,
    accessToken: world.org.accessToken ?? '',
    callOptions: { client },
  })
const desk = (by: string): Connection => desks.get(by) as Connection
const path = (...parts: readonly string[]): string => `/api/explain/${parts.map(encodeURIComponent).join('/')}`
const explain = (contract: string, asked: string, field: string, query = ''): Promise<FieldExplained> =>
  world.get(`${path(contract, asked, field)}${query}`)
const explainAll = (contract: string, asked: string): Promise<FieldsExplained> => world.get(path(contract, asked))

function note(contract: string, asked: readonly string[], field: string, deed: Deed): Truth {
  const key = `${contract} ${asked[0]} ${field}`
  const truth = truths.get(key) ?? { contract, asked, field, deeds: [] }
  truth.deeds.unshift(deed)
  truths.set(key, truth)
  return truth
}

const cents = (): number => Number((10 + random(90_000) / 100).toFixed(2))
const plain = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'amount' in value ? Number(value.amount) : value

async function createAll(by: string, object: string, rows: readonly object[]): Promise<string[]> {
  const saved = await desk(by)
    .sobject(object)
    .create([...rows] as Record<string, unknown>[])
  return saved.map(one => {
    if (!one.success) throw new Error(JSON.stringify(one.errors))
    return one.id
  })
}

/** Accounts, products and quotes with lines, each entered by one person. */
async function begin(): Promise<void> {
  const book = String((await world.org.query('SELECT Id FROM Pricebook2 WHERE IsStandard = true')).records[0]?.Id)
  const names = Array.from({ length: COUNTS.accounts }, (_, n) => `Company ${n}`)
  const accounts = await createAll(
    'max.desk',
    'Account',
    names.map(Name => ({ Name })),
  )
  for (const [n, id] of accounts.entries()) {
    const truth = note('customer', [id], 'name', { value: names[n], nativeId: id, by: 'max.desk' })
    editable.push({ object: 'Account', id, native: 'Name', truth, value: () => `Company ${n} ${random(1e6)}` })
  }
  const wares = Array.from({ length: COUNTS.products }, (_, n) => ({
    Name: `Ware ${n}`,
    ProductCode: `W-${n}`,
    IsActive: true,
  }))
  const products = await createAll('ana.lead', 'Product2', wares)
  for (const [n, id] of products.entries()) {
    const truth = note('product', [id], 'name', { value: `Ware ${n}`, nativeId: id, by: 'ana.lead' })
    editable.push({ object: 'Product2', id, native: 'Name', truth, value: () => `Ware ${n} ${random(1e6)}` })
  }
  const prices = products.map(Product2Id => ({ Pricebook2Id: book, Product2Id, UnitPrice: 100, IsActive: true }))
  const entries = await createAll('ana.lead', 'PricebookEntry', prices)
  const deals = Array.from({ length: COUNTS.quotes }, (_, n) => ({
    Name: 'Deal',
    StageName: 'Prospecting',
    CloseDate: '2030-12-31',
    AccountId: accounts[n % accounts.length],
    Pricebook2Id: book,
  }))
  const opportunities = await createAll('kim.sales', 'Opportunity', deals)
  const quotes = await createAll(
    'kim.sales',
    'Quote',
    opportunities.map(OpportunityId => ({ Name: 'Offer', OpportunityId, Pricebook2Id: book })),
  )
  const rows = quotes.flatMap((QuoteId, n) =>
    Array.from({ length: COUNTS.lines }, (_, at) => ({
      QuoteId,
      PricebookEntryId: entries[(n + at) % entries.length],
      Quantity: 1 + random(500),
      // No two lines at one price: so the test knows which is which.
      UnitPrice: 1_000 + n * 10 + at,
    })),
  )
  const lines = await createAll('lee.sales', 'QuoteLineItem', rows)
  const numbers = new Map(
    (await world.org.query('SELECT Id, QuoteNumber FROM Quote')).records.map(row => [
      String(row.Id),
      String(row.QuoteNumber),
    ]),
  )
  for (const [n, id] of quotes.entries()) {
    const number = numbers.get(id) ?? ''
    const of = await linesKnown(number)
    note('quote', [number, id], 'number', { value: number, nativeId: id, by: 'kim.sales' })
    for (let at = 0; at < COUNTS.lines; at++) {
      const lineId = lines[n * COUNTS.lines + at] ?? ''
      const row = rows[n * COUNTS.lines + at]
      const key = of.get(row?.UnitPrice ?? 0)
      const quantity = note('quote', [number, id], `lines.${key}.quantity`, {
        value: row?.Quantity,
        nativeId: lineId,
        by: 'lee.sales',
      })
      const price = note('quote', [number, id], `lines.${key}.price`, {
        value: row?.UnitPrice,
        nativeId: lineId,
        by: 'lee.sales',
      })
      editable.push({
        object: 'QuoteLineItem',
        id: lineId,
        native: 'Quantity',
        truth: quantity,
        value: () => 1 + random(5_000),
      })
      editable.push({ object: 'QuoteLineItem', id: lineId, native: 'UnitPrice', truth: price, value: cents })
    }
  }
}

/** The key of each line, by its price. */
const linesKnown = (number: string): Promise<Map<number, string>> =>
  until(async () => {
    const { fields } = await explainAll('quote', number)
    const known = (fields ?? []).flatMap(({ field, value }) => {
      const key = /^lines\.(.+)\.price$/.exec(field)?.[1]
      return key ? [[Number(plain(value)), key] as const] : []
    })
    return known.length === COUNTS.lines && new Map(known)
  })

/** Each person edits fields of their own choice, all at once; nobody touches a field that another touches. */
async function edit(round: number): Promise<void> {
  const left = [...editable]
  const edits = people.flatMap(by =>
    Array.from({ length: COUNTS.edits }, () => {
      const [one] = left.splice(random(left.length), 1)
      if (!one) throw new Error('There is nothing left to edit')
      return { ...one, by, to: one.value() }
    }),
  )
  await Promise.all(
    people.map(async by => {
      const mine = edits.filter(one => one.by === by)
      // A person saves a record once; another may save another field of it in the same instant.
      for (const [object, all] of Map.groupBy(mine, one => one.object)) {
        const records = [...Map.groupBy(all, one => one.id)].map(([Id, same]) => ({
          Id,
          ...Object.fromEntries(same.map(one => [one.native, one.to])),
        }))
        const saved = await desk(by).sobject(object).update(records)
        for (const one of saved) if (!one.success) throw new Error(`Round ${round}: ${JSON.stringify(one.errors)}`)
      }
    }),
  )
  for (const { truth, to, id, by } of edits) truth.deeds.unshift({ value: to, nativeId: id, by })
  for (const same of Map.groupBy(edits, one => one.truth.asked[0] ?? '').values()) {
    const [{ truth: first }] = same as [(typeof edits)[number]]
    await until(async () => {
      const { fields } = await explainAll(first.contract, first.asked[0] ?? '')
      const values = new Map(fields?.map(one => [one.field, plain(one.value)]))
      return same.every(({ truth, to }) => values.get(truth.field) === to)
    })
  }
}

describe('Edits of four people', () => {
  test(`of ${ASKED} random fields each is explained as it was: value, system, record, person, and what it replaced`, async () => {
    const left = [...truths.values()]
    expect(left.length).toBeGreaterThanOrEqual(ASKED)
    const wrong: unknown[] = []
    for (let n = 0; n < ASKED; n++) {
      const [truth] = left.splice(random(left.length), 1) as [Truth]
      const [now, before] = truth.deeds as [Deed, Deed | undefined]
      const asked = truth.asked[random(truth.asked.length)] ?? ''
      const { value, origin, replaced } = await explain(truth.contract, asked, truth.field)
      const [former] = replaced?.values ?? []
      const said = {
        value: plain(value),
        system: origin?.system,
        nativeId: origin?.nativeId,
        by: origin?.by,
        former: former && { value: plain(former.value), by: former.by, nativeId: former.nativeId },
        formerCount: replaced?.values.length,
      }
      const is = {
        value: now.value,
        system: 'sales',
        nativeId: now.nativeId,
        by: now.by,
        former: before && { value: before.value, by: before.by, nativeId: before.nativeId },
        formerCount: truth.deeds.length - 1,
      }
      if (JSON.stringify(said) !== JSON.stringify(is)) wrong.push({ asked, field: truth.field, said, is, origin })
    }
    expect(wrong).toEqual([])
  }, 60_000)

  test('all fields of a record come in a line each, with who and when', async () => {
    const truth = [...truths.values()].find(one => one.field === 'name' && one.deeds.length > 1) as Truth
    const { record, fields } = await explainAll(truth.contract, truth.asked[0] ?? '')
    const name = fields.find(one => one.field === 'name')
    expect(record.title).toContain(truth.deeds[0]?.value)
    expect(name).toMatchObject({
      value: truth.deeds[0]?.value,
      system: 'sales',
      by: truth.deeds[0]?.by,
      owner: { role: 'crm' },
    })
    expect(name?.because).toMatch(
      new RegExp(
        `^${truth.deeds[0]?.by.replace('.', '\\.')} changed it in sales on \\d+ \\w+ \\d{4} at \\d\\d:\\d\\d UTC$`,
      ),
    )
  })
})

describe('An order', () => {
  let number: string
  let quote: { id: string; number: string }

  beforeAll(async () => {
    const account = await newAccount(desk('max.desk'), 'Nordwind', '10100001')
    const TG11 = await newProduct(desk('max.desk'), 'Pump', 'TG11')
    quote = await newQuote(desk('kim.sales'), account, [{ product: TG11, quantity: 4, price: 17.55 }], false)
    const { Id } =
      (await world.org.query(`SELECT Id FROM QuoteLineItem WHERE QuoteId = '${quote.id}'`)).records[0] ?? {}
    await desk('lee.sales')
      .sobject('QuoteLineItem')
      .update({ Id: String(Id), Quantity: 6 })
    await desk('ana.lead').sobject('Quote').update({ Id: quote.id, Status: 'Accepted' })
    number = await until(async () => {
      const { value } = await explain('order', quote.number, 'number')
      return typeof value === 'string' && value
    })
    await until(async () => (await explain('order', number, 'status')).held?.every(one => one.state === 'agrees'))
  }, 60_000)

  test('has its quantity from the quote, where somebody changed it, and the ERP was told', async () => {
    const { sentence, origin, held, label, field } = await explain('order', number, 'lines.1.quantity')
    expect(field).toMatch(/^lines\.\w{10}\.quantity$/)
    expect(label).toBe('Quantity of line 1')
    expect(origin).toMatchObject({
      how: 'born',
      journey: { workflow: 'quote-to-cash', step: 'Book the order' },
      from: {
        contract: 'quote',
        title: `Quote ${quote.number}`,
        field,
        origin: { how: 'told', system: 'sales', object: 'QuoteLineItem', by: 'lee.sales', native: { Quantity: 6 } },
      },
    })
    expect(held.find(one => one.system === 's4')).toMatchObject({ state: 'agrees', value: 6, object: 'SalesOrder' })
    expect(held.find(one => one.system === 's4')?.confirmedAt).not.toBeNull()
    expect(sentence).toMatch(
      new RegExp(
        `^Quantity of line 1 is 6, because quote-to-cash took it over from Quote ${quote.number} on .+, where lee\\.sales entered it in sales on .+\\. .*s4 was told at \\d\\d:\\d\\d and confirmed it\\.$`,
      ),
    )
  })

  test('of a quote that was accepted in one go knows who entered its line', async () => {
    const account = await newAccount(desk('max.desk'), 'Südwind', '10100002')
    const TG12 = await newProduct(desk('max.desk'), 'Valve', 'TG12')
    const { number: hasty } = await newQuote(desk('ana.lead'), account, [{ product: TG12, quantity: 2, price: 350.1 }])
    const { origin } = await until(async () => {
      const one = await explain('quote', hasty, 'lines.1.quantity')
      return one.origin ? one : undefined
    })
    expect(origin).toMatchObject({ how: 'told', by: 'ana.lead', object: 'QuoteLineItem', native: { Quantity: 2 } })
  })

  test('has its number from the ERP, which gave it when the order was written there', async () => {
    const { value, origin, owner, sentence } = await explain('order', quote.number, 'number')
    expect(value).toBe(number)
    expect(owner).toMatchObject({ role: 'erp', systems: ['s4'], rule: expect.stringMatching(/^The ERP/) })
    expect(origin).toMatchObject({ system: 's4', object: 'SalesOrder', nativeId: number, nativeFields: ['SalesOrder'] })
    expect(origin?.build?.hash).toMatch(/^[0-9a-f]{12}$/)
    expect(sentence).toContain(`Order number is ${number}, because`)
  })

  test('says by which rule a value is worked out, and who owns it by now', async () => {
    const { origin, owner } = await explain('order', number, 'status')
    expect(origin?.rule?.kind).toBe('computed')
    expect(owner.role).toBe('erp')
    expect((await explain('order', number, 'lines.1.quantity')).owner).toMatchObject({
      role: 'erp',
      rule: 'The CRM until booked, then the ERP; later edits stand if it takes them',
    })
  })

  test('tells who else wanted what after it was booked, and what became of that', async () => {
    const { value: total } = await explain('order', number, 'total')
    const order = await until(
      async () => (await world.org.query(`SELECT Id FROM Order WHERE ERP_Order_Number__c = '${number}'`)).records[0],
    )
    await desk('max.desk')
      .sobject('Order')
      .update({ Id: String(order.Id), ERP_Net_Total__c: 999 })
    const { value, proposed, sentence } = await until(async () => {
      const now = await explain('order', number, 'total')
      return now.proposed.length > 0 && now.held.every(one => one.state === 'agrees') && now
    })
    expect(value).toEqual(total)
    expect(proposed).toMatchObject([
      { system: 'sales', by: 'max.desk', words: '999.00 EUR', instead: total, owner: 'erp', became: 'put right' },
    ])
    expect(sentence).not.toContain('999')
  })
})

describe('Who asks for what there is not', () => {
  const refusal = async (
    ...parts: string[]
  ): Promise<ProblemBody & { fields?: string[]; records?: { ref: string }[] }> => world.get(path(...parts))

  test('is told which contracts there are', async () => {
    expect(await refusal('ordre', '1')).toMatchObject({ status: 404, todo: expect.stringContaining('order, shipment') })
  })
  test('is told that no such record is known', async () => {
    expect(await refusal('order', 'nobody knows me')).toMatchObject({
      status: 404,
      detail: 'No order is known as "nobody knows me".',
    })
  })
  test('is told the fields, the nearest first', async () => {
    const customer = [...truths.values()].find(one => one.contract === 'customer') as Truth
    const { status, fields, todo } = await refusal('customer', customer.asked[0] ?? '', 'nam')
    expect(status).toBe(404)
    expect(fields?.[0]).toBe('name')
    expect(todo).toMatch(/^The nearest of those that it has: name, number/)
  })
  test('is asked which one, when several are called so', async () => {
    const ids = [
      await newAccount(desk('max.desk'), 'Twins', undefined),
      await newAccount(desk('max.desk'), 'Twins', undefined),
    ]
    for (const id of ids) await until(async () => (await explainAll('customer', id)).fields)
    const { status, records = [] } = await refusal('customer', 'Twins', 'name')
    expect(status).toBe(409)
    expect(records).toHaveLength(2)
    const { value } = await explain('customer', records[1]?.ref ?? '', 'name')
    expect(value).toBe('Twins')
  })
})

test('former values come page by page', async () => {
  const id = await newAccount(desk('kim.sales'), 'Name 0', undefined)
  await until(async () => (await explain('customer', id, 'name')).value === 'Name 0')
  for (let n = 1; n <= 5; n++) {
    await desk(people[n % 4] as string)
      .sobject('Account')
      .update({ Id: id, Name: `Name ${n}` })
    await until(async () => (await explain('customer', id, 'name')).value === `Name ${n}`)
  }
  const first = await explain('customer', id, 'name', '?limit=2')
  expect(first.replaced.values.map(one => one.value)).toEqual(['Name 4', 'Name 3'])
  const second = await explain('customer', id, 'name', `?limit=2&before=${first.replaced.next}`)
  expect(second.replaced.values.map(one => one.value)).toEqual(['Name 2', 'Name 1'])
  const last = await explain('customer', id, 'name', `?limit=2&before=${second.replaced.next}`)
  expect(last.replaced).toMatchObject({ values: [{ value: 'Name 0', by: 'kim.sales' }], next: null })
})
