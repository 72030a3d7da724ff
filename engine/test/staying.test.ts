// A journey stays with the ERP that answered it, whatever becomes of its customer and of the routes until it books.
import {
  answers,
  becomes,
  contract,
  derive,
  fill,
  type Instance,
  id,
  lookup,
  mapping,
  type Observation,
  objectOf,
  type Project,
  project,
  question,
  ref,
  role,
  route,
  routed,
  stages,
  text,
  Unavailable,
  whereFound,
  workflow,
} from '@plumbline/sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { type Engine, type JourneyPage, type Story, serve, startEngine, type Tasks } from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

const Client = contract(
  'client',
  {
    number: text('Number').ownedBy('erp').optional(),
    name: text('Name').ownedBy('crm'),
    company: text('Company').ownedBy('crm').optional(),
  },
  { match: 'number', knownBy: ['name'], livesIn: { crm: whereFound(), erp: whereFound() } },
)
const Offer = contract(
  'offer',
  {
    name: text('Name').ownedBy('crm'),
    status: stages('Status', 'open', 'accepted').ownedBy('crm'),
    client: ref(Client, 'Client').ownedBy('crm'),
    payer: ref(Client, 'Payer').ownedBy('crm').optional(),
  },
  { knownBy: ['name'], livesIn: { crm: whereFound() } },
)
const Sale = contract(
  'sale',
  {
    number: text('Number').ownedBy('erp').optional(),
    name: text('Name').ownedBy('crm'),
    offer: ref(Offer).ownedBy('crm'),
    company: text('Company').settledAtBirth().optional(),
  },
  {
    bornBy: 'selling',
    from: derive(Offer, { name: 'name', offer: 'ref', company: 'client.company', number: null }),
    knownBy: ['name'],
    livesIn: { erp: routed() },
  },
)
const Price = question('price', { client: ref(Client) }, { price: text('Price') })
const Credit = question('credit', { client: ref(Client) }, { limit: text('Limit') })
const sales = role('crm', { holds: [Client, Offer] })
const books = role('erp', { holds: [Client, Sale], answers: [Price, Credit] })

let database: TestDatabase
let crm: Shelf
let eu: Shelf
let uk: Shelf
let clients: { readonly crm: Clients; readonly eu: Clients; readonly uk: Clients }
let asked: string[]
let priceWaits: Promise<unknown>
let isBusy: boolean
let priceAsked: PromiseWithResolvers<void>
let engine: Engine | undefined
let gateway: Awaited<ReturnType<typeof serve>> | undefined
beforeEach(async () => {
  database = await freshDatabase()
  crm = new Shelf()
  eu = new Shelf()
  uk = new Shelf()
  asked = []
  priceWaits = Promise.resolve()
  isBusy = false
  priceAsked = Promise.withResolvers()
  clients = { crm: new Clients(crm), eu: new Clients(eu), uk: new Clients(uk) }
  clients.eu.rows.set('e1', { Number: '100', Name: 'One' })
  clients.uk.rows.set('u2', { Number: '200', Name: 'Two' })
  clients.crm.rows.set('c1', { Number: '100', Name: 'One', Company: 'DE' })
  clients.crm.rows.set('c2', { Number: '200', Name: 'Two', Company: 'GB' })
})
afterEach(async () => {
  await stops()
  await database.drop()
})

async function stops(): Promise<void> {
  await gateway?.close()
  await engine?.close()
  gateway = undefined
  engine = undefined
}
async function runs(one: Project): Promise<void> {
  await stops()
  const running = await startEngine({ databaseUrl: database.url, project: one })
  engine = running
  gateway = await serve(running, { port: 0 })
  await until(async () => (await running.ready()).ready)
}
const get = async <T>(path: string): Promise<T> => (await fetch(`${gateway?.url}${path}`)).json() as Promise<T>
const post = (path: string, body: object) =>
  fetch(`${gateway?.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

type Row = Readonly<Record<string, string | null>>
/** Clients on a shelf of things, as a second kind. */
class Clients {
  readonly rows = new Map<string, Row>()
  readonly #shelf: Shelf
  constructor(shelf: Shelf) {
    this.#shelf = shelf
  }
  seen(key: string): Observation {
    return { ...this.#shelf.seen(key), object: 'Client', fields: { Id: key, ...this.rows.get(key) } }
  }
  put(key: string, fields: Row): void {
    this.rows.set(key, { ...this.rows.get(key), ...fields })
    this.#shelf.tell({ ...this.seen(key), by: 'kim' })
  }
}
function connectorOf(shelf: Shelf, clients: Clients, name: string) {
  const plain = shelfConnector(shelf)
  const { Thing } = plain.objects
  const fields = { ...Thing.fields, Client: lookup('Client'), Payer: lookup('Client') }
  return plain
    .object('Thing', { ...Thing, fields })
    .object('Client', {
      fields: { Id: id(), Number: text('Number'), Name: text('Name'), Company: text('Company') },
      read: async (_, ids) => ids.filter(one => clients.rows.has(one)).map(one => clients.seen(one)),
      list: async () => ({ records: [...clients.rows.keys()].map(one => clients.seen(one)) }),
    })
    .question('price', {
      asks: { client: text('Client') },
      answers: { price: text('Price') },
      run: async (_, { client }) => {
        asked.push(`${name}: price for ${client}`)
        priceAsked.resolve()
        await priceWaits
        if (isBusy) throw new Unavailable(`${name} is busy`)
        return { price: `as in ${name}` }
      },
    })
    .question('credit', {
      asks: { client: text('Client') },
      answers: { limit: text('Limit') },
      run: async (_, { client }) => {
        asked.push(`${name}: credit of ${client}`)
        return { limit: 'enough' }
      },
    })
}

type Served = { readonly eu?: readonly string[]; readonly uk?: readonly string[] }
function selling(served: Served, isRouted = true, isSideBySide = false): Project {
  const atCrm = connectorOf(crm, clients.crm, 'crm')
  const filled = (name: 'eu' | 'uk', shelf: Shelf, serves: readonly string[]): Instance => {
    const made = connectorOf(shelf, clients[name], name)
    const own = { skip: 'its own' } as const
    return fill(
      books,
      name,
      made,
      {},
      {
        mappings: [
          mapping(Client, objectOf(made, 'Client'), { number: 'Number', name: 'Name', company: own }),
          mapping(Sale, objectOf(made, 'Thing'), { number: 'Number', name: 'Name', offer: own, company: own }),
        ],
        answers: [answers(Price, made, 'price'), answers(Credit, made, 'credit')],
        ...(isRouted && { serves }),
      },
    )
  }
  return project('selling', {
    contracts: [Client, Offer, Sale],
    roles: [sales, books],
    systems: [
      fill(
        sales,
        'crm',
        atCrm,
        {},
        {
          mappings: [
            mapping(Client, objectOf(atCrm, 'Client'), { number: 'Number', name: 'Name', company: 'Company' }),
            mapping(Offer, objectOf(atCrm, 'Thing'), {
              name: 'Name',
              status: { field: 'State', values: { open: 'open', accepted: 'accepted' } },
              client: 'Client',
              payer: 'Payer',
            }),
          ],
        },
      ),
      ...(served.eu ? [filled('eu', eu, served.eu)] : []),
      ...(served.uk ? [filled('uk', uk, served.uk)] : []),
    ],
    routes: isRouted ? [route(books, { by: 'company' })] : [],
    workflows: [
      workflow('selling', {
        says: 'An accepted offer becomes a sale, at the price that the desk agreed to',
        startsWhen: becomes(Offer, 'accepted'),
        checkpoints: ['Booked'],
        async run({ name, client, payer, ...offer }, { step, ask, open, reach }) {
          const early = async () => {
            await step('Think', () => priceAsked.promise)
            await step('Ask the credit early', () => books.ask(Credit, { client }))
          }
          const asks = [step('Ask the price', () => books.ask(Price, { client })), ...(isSideBySide ? [early()] : [])]
          const { price } = (await Promise.all(asks))[0] as { price: string }
          await ask('price desk', `Sell ${name} ${price}?`, { answers: ['yes'], within: '2 days' })
          await step('Ask the credit', () => books.ask(Credit, { client }))
          if (payer) await step('Ask the credit of who pays', () => books.ask(Credit, { client: payer }))
          await step('Book it', () => open(Sale, { from: { name, client, ...offer }, in: books }))
          reach('Booked')
        },
      }),
    ],
  })
}

const agree = async (): Promise<void> => {
  const { task } = await until(async () => (await get<Tasks>('/api/tasks')).tasks[0])
  await post(`/api/tasks/${task}/answer`, { answer: 'yes', by: 'Kim' })
}
const offered = async (more: Record<string, string> = {}): Promise<void> => {
  await until(async () => (await engine?.db.query("select from link where system = 'crm'"))?.length === 2)
  crm.put('o1', { Name: 'Offer 1', State: 'accepted', Client: 'c1', ...more }, 'kim')
  await until(async () => asked.includes('eu: price for e1'))
}
const moved = async (): Promise<void> => {
  clients.crm.put('c1', { Company: 'GB' })
  await until(
    async () =>
      (await engine?.db.query("select from record where fields ->> 'company' = 'GB' and fields ->> 'name' = 'One'"))
        ?.length === 1,
  )
}
const journey = async () => (await get<JourneyPage>('/api/journeys')).journeys[0]
/** Once it is booked. */
const whyThere = (): Promise<string> =>
  until(async () => {
    const { timeline } = await get<Story>('/api/journeys/Offer%201')
    return timeline.flatMap(({ sentence }) => /goes to .*$/.exec(sentence) ?? [])[0]
  })

test('a client that moves while the desk decides is checked and booked by the ERP that priced it; who pays, by its own', async () => {
  await runs(selling({ eu: ['DE'], uk: ['GB'] }))
  await offered({ Payer: 'c2' })
  await moved()
  await agree()
  await until(async () => eu.writes.length === 1)
  expect(asked).toEqual(['eu: price for e1', 'eu: credit of e1', 'uk: credit of u2'])
  expect(await whyThere()).toBe(
    "goes to eu because this journey's price was asked there; the client's company was DE then",
  )
  expect(uk.writes).toEqual([])
})

test('an answer binds the journey although another question was put first, and is not answered yet', async () => {
  const credit = Promise.withResolvers<void>()
  priceWaits = credit.promise
  isBusy = true
  await runs(selling({ eu: ['DE'], uk: ['GB'] }, true, true))
  await offered()
  await until(async () => asked.includes('eu: credit of e1'))
  credit.resolve()
  await until(async () => (await journey())?.reason)
  await moved()
  isBusy = false
  await agree()
  await until(async () => eu.writes.length === 1)
  expect(asked.filter(one => one.startsWith('uk'))).toEqual([])
  expect(uk.writes).toEqual([])
})

test('a newer project whose routes lead elsewhere changes nothing for a journey that has its answer', async () => {
  await runs(selling({ eu: ['DE'], uk: ['GB'] }))
  await offered()
  await runs(selling({ eu: ['FR'], uk: ['DE', 'GB'] }))
  await agree()
  await until(async () => eu.writes.length === 1)
  expect(asked).toEqual(['eu: price for e1', 'eu: credit of e1'])
  expect(uk.writes).toEqual([])
})

test('a second ERP that comes while the desk decides does not take over what the first one priced', async () => {
  await runs(selling({ eu: [] }, false))
  await offered()
  await runs(selling({ eu: ['FR'], uk: ['DE', 'GB'] }))
  await agree()
  await until(async () => eu.writes.length === 1)
  expect(await whyThere()).toBe("goes to eu because this journey's price was asked there")
  expect(uk.writes).toEqual([])
})

test('a journey whose ERP is gone from the project says so, and goes on once it is back', async () => {
  await runs(selling({ eu: ['DE'], uk: ['GB'] }))
  await offered()
  await runs(selling({ uk: ['DE', 'GB'] }))
  await agree()
  const waiting = await until(async () => {
    const one = await journey()
    return one?.reason ? one : undefined
  })
  expect(waiting).toMatchObject({
    reason: "This journey's price was asked in eu, which the project no longer has",
    todo: 'Take eu into the project again; the journey then goes on by itself',
  })
  await runs(selling({ eu: ['DE'], uk: ['GB'] }))
  await post('/api/retry', { journey: waiting.journey })
  await until(async () => eu.writes.length === 1)
  expect(uk.writes).toEqual([])
})
