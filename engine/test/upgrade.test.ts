// A contract gets a new version while its records live on: older ones are read as those of today, and older code that still runs
// loses nothing of newer ones.
import {
  type AnyContract,
  always,
  becomes,
  contract,
  fill,
  mapping,
  objectOf,
  oneOf,
  type Project,
  project,
  role,
  text,
  whereFound,
  workflow,
} from '@plumbline/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { Db, type JourneyPage, serve, startEngine } from '../src/index.ts'
import { fieldsToday, todayOf } from '../src/kernel/upgrade.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

const shop = new Shelf()
const depot = new Shelf()
const inShop = shelfConnector(shop)
const inDepot = shelfConnector(depot)
const skip = { skip: 'the depot does not ask' } as const
const status = () =>
  ({
    field: 'Child',
    read: (offer: string): 'open' | 'offered' => (offer === 'yes' ? 'offered' : 'open'),
  }) as const

/** Version 1: a gadget has a name and a size. */
function before(): Project {
  const Gadget = contract(
    'gadget',
    {
      name: text('Name').ownedBy('shop'),
      size: text('Size').ownedBy('shop').optional(),
      status: oneOf('Status', 'open', 'offered').ownedBy('shop'),
    },
    { knownBy: ['name'], livesIn: { shop: whereFound(), depot: always() } },
  )
  const shopRole = role('shop', { holds: [Gadget] })
  const depotRole = role('depot', { holds: [Gadget] })
  return project('gadgets', {
    contracts: [Gadget],
    roles: [shopRole, depotRole],
    systems: [
      fill(
        shopRole,
        'shop',
        inShop,
        {},
        { mappings: [mapping(Gadget, objectOf(inShop, 'Thing'), { name: 'Name', size: 'Note', status: status() })] },
      ),
      fill(
        depotRole,
        'depot',
        inDepot,
        {},
        { mappings: [mapping(Gadget, objectOf(inDepot, 'Thing'), { name: 'Name', size: 'Note', status: skip })] },
      ),
    ],
    workflows: [
      workflow('inspect', {
        says: 'Somebody looks at a gadget before it is offered',
        startsWhen: becomes(Gadget, 'offered'),
        checkpoints: ['Seen'],
        async run(gadget, { ask, reach }) {
          await ask('desk', `May ${gadget.name} be offered?`, { answers: ['yes', 'no'], within: '1 day' })
          reach('Seen')
        },
      }),
    ],
  })
}

/** Version 2: the name is called title, and each gadget has a colour. */
function after(): Project {
  const Gadget = contract(
    'gadget',
    {
      title: text('Title').ownedBy('shop'),
      size: text('Size').ownedBy('shop').optional(),
      colour: text('Colour').ownedBy('shop'),
      status: oneOf('Status', 'open', 'offered').ownedBy('shop'),
    },
    {
      knownBy: ['title'],
      livesIn: { shop: whereFound(), depot: always() },
      version: 2,
      upgrades: { 1: old => ({ colour: 'grey', ...old, title: old.name }) },
    },
  )
  const shopRole = role('shop', { holds: [Gadget] })
  const depotRole = role('depot', { holds: [Gadget] })
  return project('gadgets', {
    contracts: [Gadget],
    roles: [shopRole, depotRole],
    systems: [
      fill(
        shopRole,
        'shop',
        inShop,
        {},
        {
          mappings: [
            mapping(Gadget, objectOf(inShop, 'Thing'), {
              title: 'Name',
              size: 'Note',
              colour: 'State',
              status: status(),
            }),
          ],
        },
      ),
      fill(
        depotRole,
        'depot',
        inDepot,
        {},
        {
          mappings: [
            mapping(Gadget, objectOf(inDepot, 'Thing'), { title: 'Name', size: 'Note', colour: skip, status: skip }),
          ],
        },
      ),
    ],
    workflows: [
      workflow('inspect', {
        says: 'Somebody looks at a gadget before it is offered',
        startsWhen: becomes(Gadget, 'offered'),
        checkpoints: ['Seen'],
        async run(gadget, { ask, reach }) {
          await ask('desk', `May ${gadget.title} be offered?`, { answers: ['yes', 'no'], within: '1 day' })
          reach('Seen')
        },
      }),
    ],
  })
}

let database: TestDatabase
let db: Db
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(async () => {
  await db?.close()
  await database?.drop()
})

type Row = { version: number; contract_version: number; fields: Record<string, unknown> }
const row = async (): Promise<Row | undefined> =>
  (await db.query<Row>("select version, contract_version, fields from record where contract = 'gadget'"))[0]
type Api = { readonly url: string; get<T>(path: string): Promise<T> }

/** Runs a project on the same database until `work` is done. */
async function running(code: Project, work: (api: Api) => Promise<void>): Promise<void> {
  const engine = await startEngine({ project: code, databaseUrl: database.url })
  const { url, close } = await serve(engine, { port: 0 })
  db ??= new Db(database.url, 2)
  try {
    await until(async () => (await engine.ready()).ready)
    await work({ url, get: async <T>(path: string) => (await (await fetch(url + path)).json()) as T })
  } finally {
    await close()
    await engine.close()
  }
}

const found = async (api: Api, name: string): Promise<Record<string, unknown>> => {
  const { hits } = await api.get<{ hits: { ref: string }[] }>(`/api/search?q=${encodeURIComponent(name)}`)
  const ref = hits.at(0)?.ref
  if (ref === undefined) return {}
  return (await api.get<{ fields: Record<string, unknown> }>(`/api/records/${ref}`)).fields
}

test('a record of version 1 lives on under version 2, and version 1 loses nothing of it where it still runs', async () => {
  await running(before(), async api => {
    shop.put('g1', { Name: 'Pump', Note: '10 cm', State: 'blue' })
    await until(async () => depot.writes.length === 1)
    shop.put('g1', { Child: 'yes' })
    await until(async () => (await api.get<{ tasks: object[] }>('/api/tasks')).tasks.length === 1)
    expect(await row()).toMatchObject({ contract_version: 1, fields: { name: 'Pump', size: '10 cm' } })
  })

  await running(after(), async api => {
    // Read as one of today, although the row is still the old one; nobody is told what they know already.
    expect(await found(api, 'Pump')).toMatchObject({ title: 'Pump', size: '10 cm', colour: 'grey' })
    expect(await row()).toMatchObject({ contract_version: 1 })
    expect(depot.writes).toHaveLength(1)

    shop.put('g1', { Note: '12 cm', State: 'red' })
    await until(async () => (await row())?.fields.size === '12 cm')
    expect(await row()).toMatchObject({ contract_version: 2, fields: { title: 'Pump', size: '12 cm', colour: 'red' } })
    await until(async () => depot.writes.length === 2)
    expect(depot.writes.at(-1)?.fields).toEqual({ Note: '12 cm' })

    // A journey that began under version 1 knows the gadget by its title now, and its question is the same question.
    const { tasks } = await api.get<{ tasks: { task: string; question: string }[] }>('/api/tasks')
    expect(tasks.map(one => one.question)).toEqual(['May Pump be offered?'])
    await fetch(`${api.url}/api/tasks/${tasks[0]?.task}/answer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ answer: 'yes', by: 'kim' }),
    })
    await until(async () => (await api.get<JourneyPage>('/api/journeys?state=done')).journeys.length === 1)
  })

  // An older process still runs, or was brought back: it keeps what it does not know.
  await running(before(), async () => {
    shop.put('g1', { Name: 'Pump XL' })
    await until(async () => depot.writes.length === 3)
    expect(depot.writes.at(-1)?.fields).toEqual({ Name: 'Pump XL' })
    expect((await row())?.fields).toMatchObject({ name: 'Pump XL', size: '12 cm', colour: 'red' })
  })

  // What the older one changed is seen by the newer, and what only the newer knows has stayed.
  await running(after(), async api => {
    expect(await found(api, 'Pump XL')).toMatchObject({ title: 'Pump XL', size: '12 cm', colour: 'red' })
    shop.put('g1', { Note: '14 cm' })
    await until(async () => depot.writes.length === 4)
    expect(depot.writes.at(-1)?.fields).toEqual({ Note: '14 cm' })
    expect(await row()).toMatchObject({
      contract_version: 2,
      fields: { title: 'Pump XL', size: '14 cm', colour: 'red' },
    })
  })
})

test('each upgrade is a version of the record that says so, and starts nothing', async () => {
  const told = await db.query<{ fields: object; quiet: boolean; cause: object }>(
    "select fields, quiet, cause from record_version where cause ? 'upgraded' order by version",
  )
  expect(told).toEqual([
    {
      fields: { colour: 'grey', title: 'Pump' },
      quiet: true,
      cause: { by: 'version 2 of the contract', upgraded: { from: 1, to: 2 } },
    },
    { fields: { title: 'Pump XL' }, quiet: true, cause: expect.objectContaining({ upgraded: { from: 1, to: 2 } }) },
  ])
})

const thrice: AnyContract = contract(
  'thing',
  { c: text('C').ownedBy('shop') },
  { version: 3, upgrades: { 1: ({ a, ...old }) => ({ ...old, b: a }), 2: ({ b, ...old }) => ({ ...old, c: b }) } },
)

test('upgrades follow each other; what is of today or newer stays as it is', () => {
  expect(fieldsToday(thrice, { a: 'x' }, 1)).toEqual({ c: 'x' })
  expect(fieldsToday(thrice, { b: 'x' }, 2)).toEqual({ c: 'x' })
  expect(fieldsToday(thrice, { c: 'x', d: 'new' }, 4)).toEqual({ c: 'x', d: 'new' })
  const today = todayOf(new Map([['thing', thrice]]))
  expect(today.upgrade({ contract: 'thing', contract_version: 3, fields: { c: 'x' } })).toBeUndefined()
  expect(today.upgrade({ contract: 'thing', contract_version: 1, fields: { a: 'x' } })).toMatchObject({
    contract_version: 3,
    fields: { c: 'x' },
    delta: { a: null, c: 'x' },
  })
})

test('a record is found by the names that it has today, and no more by those that only the older contract knew', () => {
  const Thing: AnyContract = contract(
    'thing',
    { code: text('Code').ownedBy('shop') },
    {
      knownBy: ['code'],
      version: 2,
      upgrades: { 1: ({ name, ...old }) => ({ ...old, code: String(name).slice(0, 4) }) },
    },
  )
  const upgraded = todayOf(new Map([['thing', Thing]])).upgrade({
    contract: 'thing',
    contract_version: 1,
    fields: { name: 'Pump XL', size: 3 },
  })
  expect(upgraded?.names.map(one => one.name)).toEqual(['pump'])
  expect(upgraded?.formerNames.map(one => one.name)).toEqual(['pump xl', 'xl'])
})

test('a version whose upgrade is missing is refused in words', () => {
  const gap = contract('thing', { c: text('C').ownedBy('shop') }, { version: 2 })
  expect(() => fieldsToday(gap, {}, 1)).toThrow(
    'The contract "thing" is at version 2 and does not say how a record of version 1 becomes one of version 2',
  )
})
