// A project whose routes change between two starts, over what was stored before: nothing is made twice, and who is served elsewhere
// now is known there.
import {
  becomes,
  contract,
  derive,
  fill,
  type Instance,
  mapping,
  objectOf,
  type Project,
  project,
  role,
  route,
  routed,
  stages,
  text,
  whereFound,
  workflow,
} from '@plumbline/sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { type Engine, type JourneyPage, type Problems, serve, startEngine } from '../src/index.ts'
import { planOf } from '../src/kernel/plan.ts'
import { homesOf } from '../src/kernel/routes.ts'
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
    number: text('Number').ownedBy('crm'),
    status: stages('Status', 'open', 'accepted').ownedBy('crm'),
    company: text('Company').ownedBy('crm').optional(),
  },
  { knownBy: ['number'], livesIn: { crm: whereFound() } },
)
const Sale = contract(
  'sale',
  {
    number: text('Number').ownedBy('erp').optional(),
    name: text('Name').ownedBy('crm'),
    company: text('Company').settledAtBirth().optional(),
  },
  {
    bornBy: 'selling',
    from: derive(Offer, { name: 'number', company: 'company', number: null }),
    knownBy: ['name'],
    livesIn: { erp: routed() },
  },
)

let database: TestDatabase
let crm: Shelf
let eu: Shelf
let uk: Shelf
let engine: Engine | undefined
beforeEach(async () => {
  database = await freshDatabase()
  crm = new Shelf()
  eu = new Shelf()
  uk = new Shelf()
})
afterEach(async () => {
  await stops()
  await database.drop()
})

async function stops(): Promise<void> {
  await engine?.close()
  engine = undefined
}
async function runs(one: Project): Promise<Engine> {
  await stops()
  engine = await startEngine({ databaseUrl: database.url, project: one })
  const running = engine
  await until(async () => (await running.ready()).ready)
  return running
}
/** Everything that was told is understood, decided and delivered. */
const quiet = () =>
  until(async () => {
    if (crm.unheard + eu.unheard + uk.unheard > 0) return false
    const rows = await engine?.db.query<{ busy: boolean }>(
      "select exists (select from inbox where not parked) or exists (select from delivery where state = 'due') as busy",
    )
    return rows?.[0]?.busy === false
  })
type Serves = { readonly eu?: readonly string[]; readonly uk?: readonly string[] }

// ---- customers

function ofClients({ eu: inEu, uk: inUk }: Serves, isRouted = true): Project {
  const sales = role('crm', { holds: [Client] })
  const books = role('erp', { holds: [Client] })
  const rules = { number: 'Number', name: 'Name' } as const
  const filled = (name: string, shelf: Shelf, serves: readonly string[]): Instance => {
    const made = shelfConnector(shelf)
    const here = mapping(Client, objectOf(made, 'Thing'), { ...rules, company: { skip: 'its own' } })
    return fill(books, name, made, {}, { mappings: [here], ...(isRouted && { serves }) })
  }
  const atCrm = shelfConnector(crm)
  return project('clients', {
    contracts: [Client],
    roles: [sales, books],
    systems: [
      fill(
        sales,
        'crm',
        atCrm,
        {},
        { mappings: [mapping(Client, objectOf(atCrm, 'Thing'), { ...rules, company: 'Note' })] },
      ),
      ...(inEu ? [filled('eu', eu, inEu)] : []),
      ...(inUk ? [filled('uk', uk, inUk)] : []),
    ],
    routes: isRouted ? [route(books, { by: 'company', whenEmpty: 'eu' })] : [],
    workflows: [],
  })
}

test('when a second ERP comes, the numbers that were known stay those of the first, and its customers are known in it', async () => {
  eu.put('e1', { Number: '100', Name: 'One' })
  eu.put('e2', { Number: '200', Name: 'Two' })
  await runs(ofClients({ eu: [] }, false))
  crm.put('c1', { Number: '100', Name: 'First' }, 'kim')
  crm.put('c7', { Number: '77', Name: 'Seventh', Note: 'GB' }, 'kim')
  await until(async () => eu.rows.get('e1')?.Name === 'First')
  await quiet()

  uk.put('u1', { Number: '100', Name: 'Stranger' })
  uk.put('u7', { Number: '77', Name: 'Old' })
  await runs(ofClients({ eu: ['DE'], uk: ['GB'] }))
  crm.put('c2', { Number: '200', Name: 'Second' }, 'kim')
  await until(async () => eu.rows.get('e2')?.Name === 'Second')
  await until(async () => uk.rows.get('u7')?.Name === 'Seventh')
  crm.put('c1', { Name: 'First again' }, 'kim')
  await until(async () => eu.rows.get('e1')?.Name === 'First again')
  await quiet()
  expect(uk.rows.get('u1')).toMatchObject({ Name: 'Stranger' })
})

test('whom a system begins to serve is known in it without being touched', async () => {
  eu.put('e1', { Number: '88', Name: 'Stranger' })
  uk.put('u8', { Number: '88', Name: 'Old' })
  await runs(ofClients({ eu: ['DE'], uk: ['GB'] }))
  crm.put('c8', { Number: '88', Name: 'Eighth', Note: 'FR' }, 'kim')
  await until(async () => crm.unheard === 0)
  await quiet()
  expect(uk.writes).toEqual([])

  await runs(ofClients({ eu: ['DE'], uk: ['GB', 'FR'] }))
  await until(async () => uk.rows.get('u8')?.Name === 'Eighth')
  await quiet()
  expect(eu.rows.get('e1')).toMatchObject({ Name: 'Stranger' })
})

test('a customer that is given to another ERP is not taken for that one’s customer of the same number: a person decides', async () => {
  eu.put('e1', { Number: '100', Name: 'One' })
  uk.put('u1', { Number: '100', Name: 'Stranger' })
  const running = await runs(ofClients({ eu: ['DE'], uk: ['GB'] }))
  crm.put('c1', { Number: '100', Name: 'Moving', Note: 'DE' }, 'kim')
  await until(async () => eu.rows.get('e1')?.Name === 'Moving')
  await quiet()
  crm.put('c1', { Note: 'GB' }, 'kim')
  const gateway = await serve(running, { port: 0 })
  const problems = async () => ((await (await fetch(`${gateway.url}/api/problems`)).json()) as Problems).problems
  const [problem] = await until(async () => {
    const found = await problems()
    return found.length > 0 && found
  })
  expect(problem?.reason).toBe(
    "A client of eu has the company of uk now, where its number is another client's: c1 in crm",
  )
  crm.put('c1', { Note: 'DE', Name: 'Stayed' }, 'kim')
  await until(async () => eu.rows.get('e1')?.Name === 'Stayed')
  await quiet()
  expect(uk.writes).toEqual([])
  expect(await problems()).toEqual([])
  await gateway.close()
})

// ---- orders

function ofSales(inEu: readonly string[], inUk: readonly string[], whenEmpty?: string): Project {
  const sales = role('crm', { holds: [Offer] })
  const books = role('erp', { holds: [Sale] })
  const filled = (name: string, shelf: Shelf, serves: readonly string[]): Instance => {
    const made = shelfConnector(shelf)
    const here = mapping(Sale, objectOf(made, 'Thing'), {
      number: 'Number',
      name: 'Name',
      company: { skip: 'its own' },
    })
    return fill(books, name, made, {}, { mappings: [here], serves })
  }
  const atCrm = shelfConnector(crm)
  const offers = mapping(Offer, objectOf(atCrm, 'Thing'), {
    number: 'Number',
    status: { field: 'State', values: { open: 'open', accepted: 'accepted' } },
    company: 'Note',
  })
  return project('sales', {
    contracts: [Offer, Sale],
    roles: [sales, books],
    systems: [fill(sales, 'crm', atCrm, {}, { mappings: [offers] }), filled('eu', eu, inEu), filled('uk', uk, inUk)],
    routes: [route(books, { by: 'company', ...(whenEmpty !== undefined && { whenEmpty }) })],
    workflows: [
      workflow('selling', {
        says: 'An accepted offer becomes a sale',
        startsWhen: becomes(Offer, 'accepted'),
        checkpoints: ['Booked'],
        async run(offer, { step, open, until, reach }) {
          const sale = await step('Book it', () => open(Sale, { from: offer, in: books }))
          reach('Booked')
          await until(sale, one => one.number === 'never', { within: '1 day' })
        },
      }),
    ],
  })
}

test('a sale stays where it was born, although another ERP serves its company now', async () => {
  await runs(ofSales(['DE'], ['GB']))
  crm.put('c1', { Number: '1', State: 'accepted', Note: 'GB' }, 'kim')
  await until(async () => uk.writes.length === 1)
  await quiet()
  await runs(ofSales(['DE', 'GB'], ['FR']))
  const [id = ''] = uk.rows.keys()
  uk.put(id, { Number: '4711' }, 'clerk')
  await until(async () => {
    const [row] =
      (await engine?.db.query<{ n: string }>("select fields ->> 'number' as n from record where contract = 'sale'")) ??
      []
    return row?.n === '4711'
  })
  await quiet()
  expect(eu.writes).toEqual([])
  expect(uk.writes).toHaveLength(1)
})

test('a sale that was born in an ERP which the project no longer has is made in no other one', () => {
  const plan = planOf(ofSales(['DE'], ['GB']))
  const homes = (born_in: string | null) =>
    homesOf(plan, Sale, { ref: 'sale-1', fields: { name: '1', company: 'DE' }, born_in }).map(({ name }) => name)
  expect(homes(null)).toEqual(['eu'])
  expect(homes('uk')).toEqual(['uk'])
  expect(homes('us')).toEqual([])
})

test('an offer of a company that no ERP serves waits by its name, and is booked where it belongs once it is corrected', async () => {
  const running = await runs(ofSales(['DE'], ['GB']))
  crm.put('c1', { Number: '1', State: 'accepted', Note: 'FR' }, 'kim')
  const gateway = await serve(running, { port: 0 })
  const journey = await until(async () => {
    const { journeys } = (await (await fetch(`${gateway.url}/api/journeys`)).json()) as JourneyPage
    return journeys[0]?.reason ? journeys[0] : undefined
  })
  expect(journey.reason).toBe('Offer 1 has the company FR, which no erp serves')
  await gateway.close()
  crm.put('c1', { Note: 'GB' }, 'kim')
  await until(async () => uk.writes.length === 1)
  await quiet()
  expect(eu.writes).toEqual([])
})

test('an offer whose company is cleared is booked where empty ones go', async () => {
  await runs(ofSales(['DE'], ['GB'], 'eu'))
  crm.put('c1', { Number: '1', State: 'accepted', Note: 'FR' }, 'kim')
  await until(async () => (await engine?.db.query('select from journey where reason is not null'))?.length === 1)
  crm.put('c1', { Note: null }, 'kim')
  await until(async () => eu.writes.length === 1)
  expect(uk.writes).toEqual([])
})

test('a journey goes on by itself when an ERP begins to serve its company', async () => {
  await runs(ofSales(['DE'], ['GB']))
  crm.put('c1', { Number: '1', State: 'accepted', Note: 'FR' }, 'kim')
  await until(async () => (await engine?.db.query('select from journey where reason is not null'))?.length === 1)
  await runs(ofSales(['DE'], ['GB', 'FR']))
  await until(async () => uk.writes.length === 1)
})
