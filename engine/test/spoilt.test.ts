// One that cannot be done, because of an author's code or of a contract that is gone, holds up nobody and says so.
import { contract, fill, mapping, objectOf, project, role, text, whereFound } from '@plumbline/sdk'
import { expect, onTestFinished, test } from 'vitest'
import { freshDatabase } from '../../test/support/postgres.ts'
import { type DisputePage, type Engine, type Problems, serve, startEngine, type Tasks } from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

/** What an author did not think of: names on which the code of the project throws. */
type Author = { saying: string; owning: string }

const noAuthor: Author = { saying: '', owning: '' }

function projectOf(shelves: { shop: Shelf; store: Shelf }, author = noAuthor, hasToys = true) {
  const Item = contract(
    'item',
    {
      number: text('Number').ownedBy('crm'),
      name: text('Name').ownedBy('crm'),
      hold: text('Hold')
        .ownedBy('erp', {
          when: (item: { name: string | undefined }) => {
            if (item.name === author.owning) throw new Error(`nobody knows who owns ${item.name}`)
            return true
          },
          otherwise: 'crm',
          others: 'change request',
        })
        .optional(),
    },
    { match: 'number', knownBy: ['number'], livesIn: { crm: whereFound(), erp: whereFound() }, desk: 'desk' },
  )
  const Toy = contract(
    'toy',
    { number: text('Number').ownedBy('crm'), note: text('Note').ownedBy('crm') },
    { match: 'number', knownBy: ['number'], livesIn: { crm: whereFound(), erp: whereFound() }, gone: { crm: 'close' } },
  )
  const contracts = hasToys ? [Item, Toy] : [Item]
  const crm = role('crm', { holds: contracts })
  const erp = role('erp', { holds: contracts })
  const inShop = withToys(shelves.shop)
  const inStore = withToys(shelves.store)
  const name = {
    field: 'Name',
    read: String,
    write: (name: string) => {
      if (name === author.saying) throw new Error(`there is no word for ${name}`)
      return name
    },
  } as const
  const toys = (connector: typeof inShop) =>
    hasToys ? [mapping(Toy, objectOf(connector, 'Toy'), { number: 'Number', note: 'Note' })] : []
  const items = { number: 'Number', hold: 'Hold' } as const
  return project('items', {
    contracts,
    roles: [crm, erp],
    systems: [
      fill(
        crm,
        'shop',
        inShop,
        { client: 'plumbline' },
        {
          mappings: [
            mapping(Item, objectOf(inShop, 'Thing'), { ...items, name: 'Name' }, { says: 'Says' }),
            ...toys(inShop),
          ],
        },
      ),
      fill(
        erp,
        'store',
        inStore,
        { client: 'plumbline' },
        { mappings: [mapping(Item, objectOf(inStore, 'Thing'), { ...items, name }), ...toys(inStore)] },
      ),
    ],
    workflows: [],
  })
}

/** The same shelf with another kind of things on it. */
const withToys = (shelf: Shelf) => {
  const things = shelfConnector(shelf)
  return things.object('Toy', {
    ...things.objects.Thing,
    write: async (_, writes) => writes.map(one => shelf.write(one)),
  })
}

async function start(engine: Engine) {
  const api = await serve(engine, { port: 0 })
  await until(async () => (await engine.ready()).ready)
  const get = async <T>(path: string): Promise<T> => (await fetch(api.url + path)).json() as Promise<T>
  const post = (path: string, body: object) =>
    fetch(api.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const problems = async () => (await get<Problems>('/api/problems')).problems
  const close = async () => {
    await api.close()
    await engine.close()
  }
  return { get, post, problems, close }
}

async function aShop(author: Author) {
  const shelves = { shop: new Shelf(), store: new Shelf() }
  const database = await freshDatabase()
  onTestFinished(() => database.drop())
  const engine = await startEngine({ databaseUrl: database.url, project: projectOf(shelves, author) })
  const opened = await start(engine)
  onTestFinished(() => opened.close())
  const { shop, store } = shelves
  for (const n of [1, 2, 3]) {
    store.put(`e${n}`, { Number: `${n}`, Name: `Item ${n}`, Hold: 'no' }, 'clerk')
    shop.put(`c${n}`, { Number: `${n}`, Name: `Item ${n}`, Hold: 'no' }, 'kim')
  }
  await until(async () => (await engine.db.query("select from holding where ref like 'item-%'")).length === 6)
  return { ...opened, engine, shop, store }
}

test('a value that an author cannot say is told, and is tried again when it is another; what is due with it goes out', async () => {
  const { problems, shop, store } = await aShop({ ...noAuthor, saying: 'Bad' })
  shop.put('c1', { Name: 'Bad' }, 'kim')
  shop.put('c2', { Name: 'Good 2' }, 'kim')
  shop.put('c3', { Name: 'Good 3' }, 'kim')
  await until(async () => store.rows.get('e2')?.Name === 'Good 2' && store.rows.get('e3')?.Name === 'Good 3')
  const told = await until(async () => (await problems()).find(({ kind }) => kind === 'delivery') ?? false)
  expect(told).toMatchObject({
    kind: 'delivery',
    system: 'store',
    reason: expect.stringMatching(/^item-\S+ could not be put into the words of store: there is no word for Bad$/),
    todo: expect.stringMatching(
      /^Mend the mapping or the record; then: plumb retry item-\S+\. Nothing else is held up\.$/,
    ),
  })
  shop.put('c1', { Name: 'Better' }, 'kim')
  await until(async () => store.rows.get('e1')?.Name === 'Better')
  expect(await until(async () => (await problems()).length === 0)).toBe(true)
})

test('a wish that an author cannot judge is put right and says why; one that was granted with it is applied', async () => {
  const author = { ...noAuthor }
  const { get, post, engine, shop, store } = await aShop(author)
  shop.put('c1', { Hold: 'yes' }, 'kim')
  shop.put('c2', { Hold: 'yes' }, 'kim')
  const tasks = await until(async () => {
    const { tasks } = await get<Tasks>('/api/tasks')
    return tasks.length === 2 && tasks
  })
  await until(async () => (await engine.db.query("select from delivery where state = 'due'")).length === 0)
  author.owning = 'Item 1'
  for (const { task } of tasks)
    expect((await post(`/api/tasks/${task}/answer`, { answer: 'apply', by: 'Ada' })).status).toBe(200)
  await until(async () => store.rows.get('e2')?.Hold === 'yes')
  const spoilt = await until(async () =>
    (await get<DisputePage>('/api/disputes')).disputes.find(({ became }) => became === 'refused there'),
  )
  expect(spoilt).toMatchObject({ reason: 'it could not be carried out: nobody knows who owns Item 1' })
  author.owning = ''
  await until(async () => String(shop.rows.get('c1')?.Says).startsWith('Not possible'))
  expect(shop.rows.get('c1')?.Says).toBe('Not possible: it could not be carried out: nobody knows who owns Item 1')
  expect(shop.rows.get('c1')?.Hold).toBe('no')
})

/** A toy that both have and another color in the shop, and one that is gone from the shop: the store takes neither. */
async function aToyShop() {
  const shelves = { shop: new Shelf(), store: new Shelf() }
  const { shop, store } = shelves
  const database = await freshDatabase()
  onTestFinished(() => database.drop())
  const engine = await startEngine({ databaseUrl: database.url, project: projectOf(shelves) })
  const opened = await start(engine)
  const tell = (shelf: Shelf, toy: string, Note: string): void => {
    shelf.rows.set(toy, { Number: toy, Note })
    shelf.tell({ ...shelf.seen(toy), object: 'Toy' })
  }
  for (const shelf of [store, shop]) {
    for (const toy of ['t1', 't2']) tell(shelf, toy, 'red')
    shelf.put('i1', { Number: '1', Name: 'Item 1' })
  }
  await until(async () => (await engine.db.query('select from holding')).length === 6)
  store.refuses = () => 'Not today'
  tell(shop, 't1', 'blue')
  shop.tell({ ...shop.seen('t2'), object: 'Toy', kind: 'gone', fields: {} })
  await until(async () => (await opened.problems()).filter(({ reason }) => reason.includes('Not today')).length === 2)
  await opened.close()

  store.refuses = () => undefined
  const begin = async (hasToys: boolean) => {
    const engine = await startEngine({ databaseUrl: database.url, project: projectOf(shelves, noAuthor, hasToys) })
    return { engine, ...(await start(engine)) }
  }
  return { shop, store, begin }
}
const openToys = ({ db }: Engine) => db.query("select from delivery where ref like 'toy-%' and state <> 'idle'")

test('what is still due of a contract that the project no longer has holds up nobody, and is over', async () => {
  const { shop, store, begin } = await aToyShop()
  const { engine, post, problems, close } = await begin(false)
  onTestFinished(close)
  expect((await post('/api/retry', { system: 'store' })).status).toBe(200)
  shop.put('i1', { Name: 'Item one' })
  await until(async () => store.rows.get('i1')?.Name === 'Item one')
  await until(async () => (await openToys(engine)).length === 0)
  await until(async () => (await problems()).length === 0)
})

test('beside a release that knows the contract, one that does not know it yet leaves it to that one', async () => {
  const { shop, store, begin } = await aToyShop()
  const old = await begin(false)
  await old.engine.db.query(
    "insert into worker (worker, build, lease_until, steady_since) values ('newer', 'newer', now() + interval '1 hour', now())",
  )
  expect((await old.post('/api/retry', { system: 'store' })).status).toBe(200)
  shop.put('i1', { Name: 'Item one' })
  await until(async () => store.rows.get('i1')?.Name === 'Item one')
  expect(await openToys(old.engine)).toHaveLength(2)
  expect(await old.problems()).toEqual([])
  await old.close()
  const newer = await begin(true)
  onTestFinished(newer.close)
  await until(async () => store.rows.get('t1')?.Note === 'blue' && store.rows.get('t2')?.State === 'closed')
  await until(async () => (await openToys(newer.engine)).length === 0)
})

test('what the ERP refused goes back, though nobody can judge any more whose it is', async () => {
  const author = { ...noAuthor }
  const { get, post, engine, shop, store } = await aShop(author)
  const hold = "select from record where fields ->> 'number' = '1' and fields ->> 'hold' = 'no'"
  store.refuses = write => {
    if (write.fields.Hold !== 'yes') return undefined
    author.owning = 'Item 1'
    return 'It has left the house'
  }
  shop.put('c1', { Hold: 'yes' }, 'kim')
  const task = await until(async () => (await get<Tasks>('/api/tasks')).tasks[0] ?? false)
  await post(`/api/tasks/${task.task}/answer`, { answer: 'apply', by: 'Ada' })
  const refused = await until(async () =>
    (await get<DisputePage>('/api/disputes')).disputes.find(({ became }) => became === 'refused there'),
  )
  expect(refused).toMatchObject({ reason: 'It has left the house' })
  await until(async () => (await engine.db.query(hold)).length === 1)
})
