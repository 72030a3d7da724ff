// The nodes of the graph that writes one record with its entries, in the order in which Salesforce must see them.
import type { Native, NotWritten, Write } from '@plumbline/sdk'
import { Refused } from '@plumbline/sdk'
import type { SalesforceApi } from './api.ts'
import { oneCurrency } from './currency.ts'
import { currencyOfWrite, type Held, saidOfNew } from './denomination.ts'
import { nodesPerCall, recordsPerCall } from './limits.ts'
import { type Ask, type Entries, type Priced, priced } from './prices.ts'
import { query, type Row } from './query.ts'
import { versioned } from './rest.ts'
import type { ListShape, Shape } from './shape.ts'
import { among } from './soql.ts'
import { encodeFields, encoding } from './values.ts'

export type Node = {
  readonly method: 'POST' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly referenceId: string
  readonly body?: Native
}

export type Plan = {
  readonly write: Write
  readonly nodes: readonly Node[]
  readonly priced: readonly Priced[]
  readonly adds: boolean
  /** Why this record cannot be written at all. */
  readonly refused?: NotWritten
}

type Books = ReadonlyMap<Write, string>

/** What a record is written by: the currency of its amounts, its price book, and the status to be activated again with. */
type Terms = { readonly currency: string; readonly priceBook?: string; readonly active?: string }

export async function planOf(api: SalesforceApi, shape: Shape, writes: readonly Write[], held: Held): Promise<Plan[]> {
  const standing = await standingOf(api, shape, writes)
  const books = await priceBooks(api, shape, writes, standing)
  const wanted = writes.map(write => {
    const terms = encoding(shape.name, () => ({
      currency: currencyOfWrite(api, shape, write, held),
      priceBook: books.get(write),
      active: activeStatus(standing, write),
    }))
    return { write, terms, priced: 'end' in terms ? [] : pricedIn(api, shape, write, terms) }
  })
  const entries = await api.prices.learn(
    asking(api),
    wanted.flatMap(({ priced }) => priced),
  )
  return wanted.map(({ write, terms, priced }) => {
    const of = { write, priced, adds: shape.lists.some(({ list }) => (write.lists[list]?.add.length ?? 0) > 0) }
    const nodes = 'end' in terms ? terms : encoding(shape.name, () => nodesOf(api, shape, write, entries, terms))
    return 'end' in nodes ? { ...of, nodes: [], refused: nodes } : { ...of, nodes }
  })
}

const asking =
  (api: SalesforceApi): Ask =>
  (soql, of) =>
    query(api, soql, of)

const hasPrices = (shape: Shape) => shape.lists.some(({ object }) => priced.has(object))
const productOf = (entry: Native) => (typeof entry.Product2Id === 'string' ? entry.Product2Id : undefined)

const entryChanges = (write: Write, { list }: ListShape) => write.lists[list] ?? { add: [], change: [], remove: [] }

/** What Salesforce lets nobody change while an order is active: its products, their quantities and prices. */
const settledWhenActive = ['Quantity', 'UnitPrice', 'PricebookEntryId']
const movesSettled = (shape: Shape, write: Write): boolean =>
  shape.lists.some(list => {
    const { add, change, remove } = entryChanges(write, list)
    return add.length + remove.length > 0 || change.some(entry => settledWhenActive.some(name => name in entry))
  })

type Standing = ReadonlyMap<string, Row>

/** How the records stand whose priced entries are to change: their price book, and of orders whether they are active. */
async function standingOf(api: SalesforceApi, shape: Shape, writes: readonly Write[]): Promise<Standing> {
  if (!hasPrices(shape)) return new Map()
  const ids = writes.filter(write => write.id !== undefined && movesSettled(shape, write)).flatMap(({ id }) => id ?? [])
  const columns = `Id, Pricebook2Id${shape.name === 'Order' ? ', Status, StatusCode' : ''}`
  const standing = new Map<string, Row>()
  for (let at = 0; at < ids.length; at += recordsPerCall) {
    const some = ids.slice(at, at + recordsPerCall)
    const rows = await query(api, `SELECT ${columns} FROM ${shape.name} WHERE ${among('Id', some)}`, shape.name)
    for (const row of rows) standing.set(String(row.Id), row)
  }
  return standing
}

/** The status of an order that is to be opened for its new products, and activated again. */
function activeStatus(standing: Standing, { id }: Write): string | undefined {
  const row = id === undefined ? undefined : standing.get(id)
  return row?.StatusCode === 'Activated' ? String(row.Status) : undefined
}

/** The price book of each record: what it says, what it has, or the standard one. */
async function priceBooks(
  api: SalesforceApi,
  shape: Shape,
  writes: readonly Write[],
  standing: Standing,
): Promise<Books> {
  const books = new Map<Write, string>()
  if (!hasPrices(shape)) return books
  for (const write of writes) {
    const book =
      write.fields.Pricebook2Id ??
      (write.id && standing.get(write.id)?.Pricebook2Id) ??
      (await api.prices.standard(asking(api)))
    if (typeof book === 'string') books.set(write, book)
  }
  return books
}

/** A product in the record's price book, and in its currency where the org has several. */
const priceOf = ({ settings }: SalesforceApi, priceBook: string, product: string, { currency }: Terms): Priced => ({
  priceBook,
  product,
  ...(oneCurrency(settings) === undefined && { currency }),
})

function pricedIn(api: SalesforceApi, shape: Shape, write: Write, terms: Terms): Priced[] {
  const { priceBook } = terms
  if (priceBook === undefined) return []
  return shape.lists
    .filter(({ object }) => priced.has(object))
    .flatMap(({ list }) => (write.lists[list]?.add ?? []).map(productOf).filter(product => product !== undefined))
    .map(product => priceOf(api, priceBook, product, terms))
}

function nodesOf(api: SalesforceApi, shape: Shape, write: Write, entries: Entries, terms: Terms): Node[] {
  const at = (object: string, id?: string) => versioned(api, `/sobjects/${object}${id ? `/${id}` : ''}`)
  const { early, late } = header(api, shape, write, terms)
  const record = write.id ?? '@{header.id}'
  const nodes: Node[] = []
  if (write.id === undefined) nodes.push({ method: 'POST', url: at(shape.name), referenceId: 'header', body: early })
  else if (Object.keys(early).length > 0)
    nodes.push({ method: 'PATCH', url: at(shape.name, write.id), referenceId: 'header', body: early })
  for (const list of shape.lists) {
    const { add, change, remove } = entryChanges(write, list)
    remove.forEach(
      (id, n) => void nodes.push({ method: 'DELETE', url: at(list.object, id), referenceId: `${list.list}Remove${n}` }),
    )
    change.forEach((entry, n) => {
      const body = encodeFields(list.fields, without(entry, 'id'), terms.currency)
      nodes.push({ method: 'PATCH', url: at(list.object, entry.id), referenceId: `${list.list}Change${n}`, body })
    })
    add.forEach((entry, n) => {
      const body = { ...entryOf(api, list, entry, entries, terms), [list.parent]: record }
      nodes.push({ method: 'POST', url: at(list.object), referenceId: `${list.list}${n}`, body })
    })
  }
  if (Object.keys(late).length > 0)
    nodes.push({ method: 'PATCH', url: at(shape.name, record), referenceId: 'status', body: late })
  if (nodes.length > nodesPerCall) {
    throw new Refused(
      `${nodes.length} parts in one ${shape.name}; Salesforce takes ${nodesPerCall} in one transaction`,
      'Split the record.',
    )
  }
  return nodes
}

const without = (native: Native, name: string): Native =>
  Object.fromEntries(Object.entries(native).filter(([key]) => key !== name))

/**
 * Salesforce activates only orders that have products, and an active one takes none: so an order's status is written last, and one
 * that is active is a draft in between. All of it is one transaction, so nobody sees the draft.
 */
function header(
  api: SalesforceApi,
  shape: Shape,
  write: Write,
  { currency, priceBook, active }: Terms,
): { early: Native; late: Native } {
  const encoded = encodeFields(shape.fields, write.fields, currency)
  const fields = write.id === undefined ? { ...saidOfNew(api, shape, currency), ...encoded } : encoded
  if (shape.name !== 'Order') return { early: fields, late: {} }
  const isDraft = fields.Status === undefined || fields.Status === 'Draft'
  const early = isDraft ? fields : without(fields, 'Status')
  const late: Native = isDraft ? {} : { Status: fields.Status }
  if (write.id !== undefined && (active === undefined || fields.Status === 'Draft')) return { early, late }
  if (write.id !== undefined) return { early: { ...early, Status: 'Draft' }, late: { Status: active, ...late } }
  const today = new Date(api.host.now()).toISOString().slice(0, 10)
  return {
    early: { EffectiveDate: today, ...(priceBook && { Pricebook2Id: priceBook }), ...early, Status: 'Draft' },
    late,
  }
}

function entryOf(api: SalesforceApi, list: ListShape, entry: Native, entries: Entries, terms: Terms): Native {
  const { currency, priceBook } = terms
  const encoded: Native = { ...saidOfNew(api, list, currency), ...encodeFields(list.fields, entry, currency) }
  const product = productOf(entry)
  if (!priced.has(list.object) || product === undefined || encoded.PricebookEntryId) return encoded
  const price = priceBook === undefined ? undefined : priceOf(api, priceBook, product, terms)
  const priceEntry = price && entries(price)
  if (!priceEntry) {
    throw new Refused(
      `product ${product} has no active entry${price?.currency ? ` in ${price.currency}` : ''} in price book ${priceBook ?? '(no standard price book found)'}`,
      'Add the product to the price book in Salesforce.',
    )
  }
  // The product follows from the entry; Salesforce takes only one of the two.
  return { ...without(encoded, 'Product2Id'), PricebookEntryId: priceEntry }
}
