// What joins an erased person later: what a create made whose answer was lost, and a duplicate that people merge. The one is dropped
// once it is heard of, the other goes when the person is erased once more.
import {
  always,
  contract,
  fill,
  id,
  linesOf,
  listOf,
  mapping,
  objectOf,
  type Project,
  project,
  role,
  text,
  whereFound,
} from '@plumbline/sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import {
  type AuditPage,
  type AuditVerified,
  type DisputePage,
  type Engine,
  type EraseAnswer,
  type Problems,
  type SearchHits,
  serve,
  startEngine,
} from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

/** They stand nowhere else. */
const [HER, NOTE, WISHED] = ['Zerubine', 'quorvany, no nuts', 'Xanthilde']
const SECRET = /zerubine|quorvany|xanthilde/i

function hotelOf(rooms: Shelf, plates: Shelf): Project {
  const Guest = contract(
    'guest',
    {
      number: text('Number').ownedBy('hotel'),
      name: text('Name').ownedBy('hotel', { others: 'change request' }).personal(),
      note: text('Note').ownedBy('hotel').personal().optional(),
      stays: linesOf('Stays', { keyedBy: 'line' }, { room: text('Room').ownedBy('hotel') }),
    },
    { knownBy: ['number', 'name'], livesIn: { hotel: whereFound(), kitchen: always() }, desk: 'concierge' },
  )
  const hotel = role('hotel', { holds: [Guest] })
  const kitchen = role('kitchen', { holds: [Guest] })
  const plain = shelfConnector(rooms)
  const { fields, ...does } = plain.objects.Thing
  const Stays = listOf('Stays', { Id: id(), Room: text('Room') })
  const inHotel = plain.object('Thing', { ...does, fields: { ...fields, Stays }, entries: { Stays: 'Stay' } })
  const inKitchen = shelfConnector(plates)
  const words = { name: 'Name', note: 'Note' } as const
  const numbered = mapping(Guest, objectOf(inHotel, 'Thing'), {
    ...words,
    number: 'Number',
    stays: { each: 'Stays', id: 'Id', fields: { room: 'Room' } },
  })
  const unnumbered = {
    ...words,
    number: { skip: 'the kitchen numbers its plates itself' },
    stays: { skip: 'nor where they sleep' },
  } as const
  const signed = mapping(Guest, objectOf(inKitchen, 'Thing'), unnumbered, { key: 'Child' })
  return project('hotel', {
    contracts: [Guest],
    roles: [hotel, kitchen],
    systems: [
      fill(hotel, 'rooms', inHotel, {}, { mappings: [numbered] }),
      fill(kitchen, 'kitchen', inKitchen, {}, { mappings: [signed] }),
    ],
    workflows: [],
  })
}

let [rooms, kitchen] = [new Shelf(), new Shelf()]
let database: TestDatabase
let engine: Engine
let api: Awaited<ReturnType<typeof serve>>
beforeEach(async () => {
  ;[rooms, kitchen] = [new Shelf(), new Shelf()]
  database = await freshDatabase()
  engine = await startEngine({ project: hotelOf(rooms, kitchen), databaseUrl: database.url })
  api = await serve(engine, { port: 0 })
  await until(async () => (await engine.ready()).ready)
})
afterEach(async () => {
  await api?.close()
  await engine?.close()
  await database?.drop()
})

const get = async <T>(path: string): Promise<T> => (await fetch(api.url + path)).json() as Promise<T>
const erase = async (person: string, more: object = {}): Promise<EraseAnswer> => {
  const answer = await fetch(`${api.url}/api/persons/erase`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ person, by: 'Kim', reason: 'asked us to', ...more }),
  })
  expect(answer.status).toBe(200)
  return (await answer.json()) as EraseAnswer
}
const hits = async (asked: string): Promise<string[]> =>
  (await get<SearchHits>(`/api/search?q=${encodeURIComponent(asked)}`)).hits.map(hit => hit.ref)
const known = async (asked: string): Promise<string> =>
  (await until(async () => ((await hits(asked)).length === 1 ? hits(asked) : undefined)))[0] as string
const persons = async () => (await get<Problems>('/api/problems')).problems.filter(one => one.kind === 'person')
const disputes = async (about: string) => (await get<DisputePage>(`/api/disputes?about=${about}`)).disputes

/** Every row of every table that says something of them to whoever has the master key. */
async function rowsThatTell(): Promise<string[]> {
  const tables = await engine.db.query<{ name: string }>(
    `select format('%I', table_name) as name from information_schema.tables where table_schema = 'plumbline' and table_type = 'BASE TABLE'`,
  )
  const found: string[] = []
  for (const { name } of tables) {
    const rows = await engine.db.query<{ text: string }>(`select t::text as text from ${name} t`)
    found.push(...rows.filter(row => SECRET.test(row.text)).map(row => `${name}: ${row.text}`))
  }
  return found
}

const atRest = () =>
  until(async () => {
    const busy = await engine.db.query(`
      select 1 from inbox where not parked
      union all select 1 from delivery where state = 'due' or worker is not null`)
    return busy.length === 0 && rooms.unheard + kitchen.unheard === 0
  })

test('what a create made whose answer was lost is named when the person is erased, and dropped once it is heard of', async () => {
  // Given a guest whom the kitchen was sent, and did not answer.
  kitchen.losesAnswers = true
  rooms.put('h1', { Number: 'G-1', Name: HER, Note: NOTE })
  const ref = await known('G-1')
  await until(async () => (await engine.db.query("select from attempt where ended = 'unknown'")).length === 1)
  expect(kitchen.rows.get('1')).toMatchObject({ Child: ref, Name: HER })
  const mayHold = { system: 'kitchen', object: 'Thing', nativeId: null }
  expect((await erase(ref, { preview: true })).heldBy).toContainEqual(mayHold)

  // When she is erased, then the answer says that the kitchen may have her, whenever it is asked.
  const erased = await erase(ref)
  expect(erased.heldBy).toContainEqual(mayHold)
  expect((await erase(ref)).heldBy).toEqual(erased.heldBy)

  // When the kitchen tells of what it made, then nothing of it is kept, and people are told where to delete her.
  kitchen.tell(kitchen.seen('1'))
  const held = await until(async () => (await persons()).find(one => one.what === 'Thing 1 of kitchen'))
  expect(held.todo).toBe('Delete it in kitchen.')
  await atRest()
  expect(await rowsThatTell()).toEqual([])

  // Nor is anything that comes after it, and to erase her again changes nothing.
  kitchen.put('1', { Note: `${NOTE} at all` })
  await until(async () => ((await persons()).find(one => one.what === held.what)?.tries ?? 0) >= 2)
  await atRest()
  expect(await rowsThatTell()).toEqual([])
  const again = await erase(ref)
  expect(again.erased).toEqual(erased.erased)
  expect(again.heldBy).toContainEqual({ ...mayHold, nativeId: '1' })
  expect(again.heldBy).not.toContainEqual(mayHold)
  expect((await get<AuditPage>('/api/audit')).entries).toHaveLength(1)

  // When only a hint comes of what it made a second time, it is read, and dropped as well.
  kitchen.rows.set('9', { Child: ref, Name: WISHED })
  kitchen.hint('9')
  await until(async () => (await persons()).some(one => one.what === 'Thing 9 of kitchen'))
  kitchen.put('9', { Note: NOTE })
  await atRest()
  expect(await rowsThatTell()).toEqual([])

  // When it is deleted there, nothing is left to be said.
  for (const id of ['1', '9']) kitchen.tell({ ...kitchen.seen(id), kind: 'gone' })
  await until(async () => !(await persons()).some(one => one.what.endsWith('of kitchen')))
})

/** Two guests whom both systems know; the kitchen would have the second called otherwise. */
async function twins(): Promise<{ first: string; second: string }> {
  rooms.put('h1', { Number: 'G-1', Name: 'Ada' })
  const first = await known('G-1')
  rooms.put('h2', { Number: 'G-2', Name: HER, Note: NOTE })
  const second = await known('G-2')
  await until(async () => kitchen.rows.size === 2)
  await atRest()
  const [plate = ''] = [...kitchen.rows].find(([, row]) => row.Child === second) ?? []
  kitchen.put(plate, { Name: WISHED })
  await until(async () => (await disputes(second)).length === 1)
  await atRest()
  return { first, second }
}
const merge = async (from: string, into: string): Promise<void> => {
  rooms.rows.delete(from)
  rooms.tell({ ...rooms.seen(from), kind: 'gone', into } as never)
  await until(async () => (await engine.db.query('select from record where alias_of is not null')).length === 1)
  await atRest()
}

test('a duplicate that is merged into an erased person goes when that person is erased once more', async () => {
  // Given a guest who was erased, and a duplicate whom people merged into that guest.
  const { first, second } = await twins()
  const before = await erase('G-1')
  await merge('h2', 'h1')
  expect(JSON.stringify(await disputes(first))).toContain(WISHED)

  // When somebody looks what would go, it is said that something would; nothing goes.
  const preview = await erase(HER, { preview: true })
  expect(preview).toMatchObject({ ref: first, erased: null, erases: { records: 2, disputes: 1 } })
  expect(await rowsThatTell()).not.toEqual([])

  // When the duplicate is erased, by its own name.
  const erased = await erase(HER, { by: 'Lee' })
  expect(erased).toMatchObject({ ref: first, erases: preview.erases, erased: { by: 'Lee' } })
  expect(erased.erased?.at).not.toBe(before.erased?.at)

  // Then nothing of either can be read, and both erasures are in the audit.
  expect(await rowsThatTell()).toEqual([])
  expect(await hits(HER)).toEqual([])
  expect(JSON.stringify(await disputes(first))).not.toMatch(SECRET)
  const { entries } = await get<AuditPage>('/api/audit')
  expect(entries.map(one => `${one.by} ${one.what} ${one.about}`)).toEqual([
    `Lee erased person:${first}`,
    `Kim erased person:${first}`,
  ])
  expect((await get<AuditVerified>('/api/audit/verify')).stands).toBe(true)

  // And what the kitchen goes on telling of the duplicate is dropped.
  for (const [plate] of kitchen.rows) kitchen.put(plate, { Name: HER })
  await until(async () => (await persons()).filter(one => one.what.endsWith('of kitchen')).length === 2)
  await atRest()
  expect(await rowsThatTell()).toEqual([])
  expect((await erase(second)).erased).toEqual(erased.erased)
})

test('a line that says nothing of the person is dropped with the person, and nobody is to mend it', async () => {
  rooms.rows.set('h1', { Number: 'G-1', Name: HER, Stays: [{ Id: 's1', Room: '12' }] })
  rooms.tell(rooms.seen('h1'))
  const ref = await known('G-1')
  await until(async () => (await engine.db.query("select from link where object = 'Stay'")).length === 1)
  await until(async () => kitchen.rows.size === 1)
  await atRest()
  await erase(ref)
  const { id: stay, position } = rooms.seen('s1')
  const told = { object: 'Stay', id: stay, kind: 'seen', mask: ['Room'], fields: { Room: '14' }, position } as const
  rooms.tell({ ...told, entryOf: { object: 'Thing', list: 'Stays' } })
  await atRest()
  const wrong = (await get<Problems>('/api/problems')).problems.filter(one => one.kind !== 'person')
  expect(wrong).toEqual([])
  expect(await engine.db.query('select from inbox')).toEqual([])
})
