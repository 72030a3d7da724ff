// Persons in journeys: what an author's code makes of their names is sealed wherever it is written down, a log says nothing of them,
// and none of it can be read once they are erased. The audit of what people did, and the master key.
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
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
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import {
  type AuditHead,
  type AuditVerified,
  type Engine,
  type EraseAnswer,
  type SearchHits,
  type Story,
  serve,
  startEngine,
  type Tasks,
} from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

/** `marked`: whether the project says that a name is personal. */
function guestContract(marked: boolean) {
  const name = text('Name').ownedBy('hotel')
  const note = text('Note').ownedBy('hotel').optional()
  return contract(
    'guest',
    {
      number: text('Number').ownedBy('hotel'),
      name: marked ? name.personal() : name,
      note: marked ? note.personal() : note,
      status: oneOf('Status', 'expected', 'arrived').ownedBy('hotel'),
    },
    { match: 'name', knownBy: ['name', 'number'], livesIn: { hotel: whereFound(), kitchen: whereFound() } },
  )
}

/** She stands nowhere else. */
const HER = 'Zerubine'
const NOTE = 'quorvany, no nuts'
const SECRET = /zerubine|quorvany/i

function hotelOf(shelves: { hotel: Shelf; kitchen: Shelf }, marked = true): Project {
  const Guest = guestContract(marked)
  const hotel = role('hotel', { holds: [Guest] })
  const kitchen = role('kitchen', { holds: [Guest] })
  const inHotel = shelfConnector(shelves.hotel)
  const inKitchen = shelfConnector(shelves.kitchen)
  const shared = { number: 'Number', name: 'Name', note: 'Note' } as const
  const status = { field: 'State', read: (state: unknown) => (state === 'arrived' ? 'arrived' : 'expected') } as const
  return project('hotel', {
    contracts: [Guest],
    roles: [hotel, kitchen],
    systems: [
      fill(
        hotel,
        'rooms',
        inHotel,
        {},
        { mappings: [mapping(Guest, objectOf(inHotel, 'Thing'), { ...shared, status })] },
      ),
      fill(
        kitchen,
        'kitchen',
        inKitchen,
        {},
        {
          mappings: [
            mapping(Guest, objectOf(inKitchen, 'Thing'), { ...shared, status: { skip: 'the kitchen only cooks' } }),
          ],
        },
      ),
    ],
    workflows: [
      workflow('welcome', {
        says: 'Whoever arrives is greeted by name',
        startsWhen: becomes(Guest, 'arrived'),
        checkpoints: ['Greeted'],
        async run(guest, { step, ask, reach }) {
          const greeting = await step('Write a greeting', () => ({
            line: `Dear ${guest.name.toUpperCase()} (${guest.note}),`,
            number: guest.number,
          }))
          const answer = await ask('concierge', `Is ${guest.name} a regular? ${greeting.line}`, {
            answers: ['yes', 'no'],
            within: '1 day',
            facts: { name: guest.name, number: guest.number },
          })
          reach('Greeted')
          if (answer === 'no') throw new Error(`${guest.name} cannot be greeted by a machine`)
        },
      }),
    ],
  })
}

const logged: string[] = []
const log = (sentence: string, facts = {}): void => void logged.push(`${sentence} ${JSON.stringify(facts)}`)
const shelves = { hotel: new Shelf(), kitchen: new Shelf() }
let database: TestDatabase
let engine: Engine
let api: Awaited<ReturnType<typeof serve>>
let other: Engine
let otherApi: Awaited<ReturnType<typeof serve>>
let raw: pg.Client
beforeAll(async () => {
  database = await freshDatabase()
  engine = await startEngine({ project: hotelOf(shelves), databaseUrl: database.url, log })
  api = await serve(engine, { port: 0, log })
  await until(async () => (await engine.ready()).ready)
  other = await startEngine({ project: hotelOf(shelves), databaseUrl: database.url, log })
  otherApi = await serve(other, { port: 0, log })
  raw = new pg.Client({ connectionString: database.url, options: '-c search_path=plumbline' })
  await raw.connect()
})
afterAll(async () => {
  await raw?.end()
  await Promise.all([api?.close(), otherApi?.close()])
  await Promise.all([engine?.close(), other?.close()])
  await database?.drop()
})

const get = async <T>(path: string, at = api): Promise<T> => (await fetch(at.url + path)).json() as Promise<T>
const post = async <T>(path: string, body: object): Promise<T> => {
  const answer = await fetch(api.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return (await answer.json()) as T
}
const hits = async (asked: string, at = api): Promise<string[]> =>
  (await get<SearchHits>(`/api/search?q=${encodeURIComponent(asked)}`, at)).hits.map(hit => hit.ref)

/** Every row of every table that says something of her. */
async function rowsThatTell(db = raw): Promise<string[]> {
  const { rows: tables } = await db.query<{ name: string }>(
    `select format('%I', table_name) as name from information_schema.tables where table_schema = 'plumbline' and table_type = 'BASE TABLE'`,
  )
  const found: string[] = []
  for (const { name } of tables) {
    const { rows } = await db.query<{ text: string }>(`select t::text as text from ${name} t`)
    found.push(...rows.filter(row => SECRET.test(row.text)).map(row => `${name}: ${row.text}`))
  }
  return found
}

test('what a journey makes of a name is sealed wherever it is written, and cannot be read once she is erased', async () => {
  // Given a guest whose number the kitchen knows, and a kitchen that says no in her own words.
  shelves.kitchen.refuses = write => `There is no plate for ${String(write.fields.Note)}`
  shelves.kitchen.put('k1', { Number: 'G-9', Name: HER })
  shelves.hotel.put('h1', { Number: 'G-1', Name: HER, Note: NOTE, State: 'arrived' })
  const task = await until(async () => (await get<Tasks>('/api/tasks')).tasks[0])
  expect(task).toMatchObject({ title: `Guest ${HER}`, facts: { name: HER, number: 'G-1' } })
  expect(task.question).toBe(`Is ${HER} a regular? Dear ${HER.toUpperCase()} (${NOTE}),`)
  await until(async () => (await raw.query("select from delivery where state = 'parked'")).rowCount === 1)

  // When somebody answers, and the code then fails with her name in its mouth.
  await post(`/api/tasks/${task.task}/answer`, { answer: 'no', by: 'Kim', comment: `${HER} is new here` })
  const story = await until(async () => {
    const found = await get<Story>(`/api/journeys/${task.journey}`)
    return JSON.stringify(found).includes('cannot be greeted') ? found : undefined
  })
  expect(JSON.stringify(story)).toContain(`${HER} cannot be greeted by a machine`)
  expect(JSON.stringify(await get('/api/problems'))).toContain(`There is no plate for ${NOTE}`)
  expect(JSON.stringify(await get('/api/audit'))).toContain(`${HER} is new here`)
  expect(await rowsThatTell()).toEqual([])
  expect(await hits('zerubine', otherApi)).toHaveLength(1)

  // When she is erased, then no process says anything of her any more.
  const [ref = ''] = await hits('G-1')
  const erased = await post<EraseAnswer>('/api/persons/erase', { person: 'G-1', by: 'Kim', reason: `${HER} left` })
  expect(erased.erased?.reason).toMatch(/^erased on .* left$/)
  expect(erased.heldBy).toHaveLength(2)
  for (const at of [api, otherApi]) {
    await until(async () => !SECRET.test(JSON.stringify(await get('/api/journeys', at))))
    for (const path of [
      `journeys/${task.journey}`,
      'tasks?state=all',
      'problems',
      'audit',
      'events',
      `explain/guest/${ref}`,
    ])
      expect(JSON.stringify(await get(`/api/${path}`, at)), path).not.toMatch(SECRET)
    expect(await hits('zerubine', at)).toEqual([])
  }
  expect(await get<AuditVerified>('/api/audit/verify')).toMatchObject({ stands: true, entries: 2 })
  expect(await rowsThatTell()).toEqual([])
  expect(logged.join('\n')).toContain('failed in welcome')
  expect(logged.join('\n')).not.toMatch(SECRET)

  // And nothing goes on in her name: the kitchen is written nothing, and what the hotel says of her is dropped.
  const written = shelves.kitchen.writes.length
  shelves.kitchen.refuses = () => undefined
  shelves.hotel.put('h1', { Name: `${HER} again` })
  await until(async () => JSON.stringify(await get('/api/problems')).includes('rooms still holds it'))
  expect(shelves.kitchen.writes).toHaveLength(written)
  expect(await rowsThatTell()).toEqual([])
})

test('what was stored before a field was marked is sealed at the next start, and erased like the rest', async () => {
  // Given guests of a project that did not say that a name is personal.
  const before = { hotel: new Shelf(), kitchen: new Shelf() }
  const old = await freshDatabase()
  const first = await startEngine({ project: hotelOf(before, false), databaseUrl: old.url })
  const db = new pg.Client({ connectionString: old.url, options: '-c search_path=plumbline' })
  await db.connect()
  const count = async (sql: string): Promise<number> => (await db.query(sql)).rowCount ?? 0
  before.kitchen.refuses = write => `There is no plate for ${String(write.fields.Note)}`
  before.kitchen.put('k1', { Number: 'G-9', Name: HER })
  before.hotel.put('h1', { Number: 'G-1', Name: HER, Note: NOTE, State: 'arrived' })
  await until(async () => (await count('select from task')) === 1)
  await until(async () => (await count("select from delivery where state = 'parked'")) === 1)
  expect((await rowsThatTell(db)).map(row => row.split(':')[0])).toEqual(
    expect.arrayContaining(['record', 'name', 'match', 'holding', 'task', 'delivery', 'event', 'step', 'journey']),
  )
  await first.close()

  // When it says so from now on.
  const second = await startEngine({ project: hotelOf(before), databaseUrl: old.url, work: true })
  expect(await rowsThatTell(db)).toEqual([])
  const gateway = await serve(second, { port: 0 })
  const [ref = ''] = await hits('zerubine', gateway)
  expect(ref).toMatch(/^guest-/)
  const task = (await get<Tasks>('/api/tasks', gateway)).tasks[0]
  expect(task?.question).toBe(`Is ${HER} a regular? Dear ${HER.toUpperCase()} (${NOTE}),`)
  // The kitchen and the hotel mean the same guest still.
  before.hotel.put('h1', { Note: 'likes it' })
  await until(async () => JSON.stringify(await get(`/api/explain/guest/${ref}/note`, gateway)).includes('likes it'))

  // Then she can be erased, with all that was known before.
  const answer = await fetch(`${gateway.url}/api/persons/erase`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ person: HER, by: 'Kim', reason: 'asked us to' }),
  })
  expect(((await answer.json()) as EraseAnswer).heldBy).toHaveLength(2)
  expect(JSON.stringify(await get('/api/tasks?state=all', gateway))).not.toMatch(SECRET)
  expect(JSON.stringify(await get(`/api/explain/guest/${ref}`, gateway))).not.toMatch(SECRET)
  await gateway.close()
  await second.close()
  await db.end()
  await old.drop()
})

describe('The audit', () => {
  let head = ''
  const verify = (noted = head) => get<AuditVerified>(`/api/audit/verify?head=${noted}`)
  const restore = async (work: () => Promise<void>): Promise<AuditVerified> => {
    await raw.query('create table kept as select * from audit; create table kept_head as select * from audit_head')
    await work()
    const found = await verify()
    await raw.query('truncate audit; insert into audit select * from kept; drop table kept')
    await raw.query('truncate audit_head; insert into audit_head select * from kept_head; drop table kept_head')
    return found
  }
  beforeAll(async () => {
    for (const reason of ['one', 'two', 'three']) {
      await post('/api/systems/kitchen/pause', { by: 'Kim', reason })
      await post('/api/systems/kitchen/resume', { by: 'Lee' })
    }
    head = (await get<AuditHead>('/api/audit/head')).head
  })
  afterEach(async () => expect(await verify()).toMatchObject({ stands: true, finding: null, head }))

  test('says who did what, the newest first, and stands as it was written', async () => {
    const { entries } = await get<{ entries: { n: number }[] }>('/api/audit?limit=2')
    expect(entries).toMatchObject([
      { what: 'resumed', about: 'kitchen', by: 'Lee' },
      { what: 'paused', about: 'kitchen', by: 'Kim', why: 'three' },
    ])
  })

  const tampering: Readonly<Record<string, readonly [string, RegExp]>> = {
    'changed by one word': [
      `update audit set entry = replace(entry, 'Kim', 'Tim') where n = 3`,
      /^Entry 3 is not what was written/,
    ],
    'taken out in the middle': ['delete from audit where n = 4', /^Entry 4 is missing/],
    'put in another order': [
      'update audit set n = case n when 4 then 1005 else 1004 end where n in (4, 5); update audit set n = n - 1000 where n > 1000',
      /^Entry 4 is not/,
    ],
    'cut off at the end': ['delete from audit where n > 5', /^The end is missing/],
    'cut off at the end, with its head': [
      'delete from audit where n > 5; update audit_head set n = 5, hash = (select hash from audit where n = 5)',
      /^The end is missing: \d+ entries were noted/,
    ],
    'written anew, with all hashes': [
      `update audit set entry = replace(entry, 'Kim', 'Tim');
       with recursive chain(n, hash) as (
         select 0::bigint, '' union all
         select a.n, encode(sha256(convert_to(chain.hash || E'\\n' || a.entry, 'UTF8')), 'hex') from chain join audit a on a.n = chain.n + 1
       ) update audit set hash = chain.hash from chain where chain.n = audit.n;
       update audit_head set hash = (select hash from audit order by n desc limit 1)`,
      /is not the one whose hash was noted/,
    ],
  }
  test.each(Object.entries(tampering))('%s, it does not stand', async (_, [statement, finding]) => {
    const found = await restore(async () => void (await raw.query(statement)))
    expect(found.stands).toBe(false)
    expect(found.finding).toMatch(finding)
  })
})

describe('The master key', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-key-'))
  })
  afterEach(async () => {
    delete process.env.PLUMBLINE_MASTER_KEY_FILE
    delete process.env.PLUMBLINE_MASTER_KEY
    await rm(folder, { recursive: true, force: true })
  })
  const start = (databaseUrl: string) => startEngine({ project: hotelOf(shelves), databaseUrl, work: false })

  test('is made at the first start, for its owner alone', async () => {
    const file = join(folder, 'deep', 'master.key')
    process.env.PLUMBLINE_MASTER_KEY_FILE = file
    const empty = await freshDatabase()
    const [one, two] = await Promise.all([start(empty.url), start(empty.url)])
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    await Promise.all([one.close(), two.close()])
    await (await start(empty.url)).close()
    await empty.drop()
  })

  test('that is not there, or not the right one, is said in one sentence, and nothing is lost', async () => {
    const file = join(folder, 'master.key')
    process.env.PLUMBLINE_MASTER_KEY_FILE = file
    shelves.hotel.put('h2', { Number: 'G-2', Name: 'Ada' })
    await until(async () => (await hits('ada')).length === 1)
    await expect(start(database.url)).rejects.toThrow(`The master key that seals what is personal is not in ${file}`)
    await expect(stat(file)).rejects.toThrow()
    await writeFile(file, `${Buffer.alloc(32, 7).toString('base64')}\n`)
    await expect(start(database.url)).rejects.toThrow('is not the one that this database was sealed with')
    process.env.PLUMBLINE_MASTER_KEY = 'too short'
    await expect(start(database.url)).rejects.toThrow('PLUMBLINE_MASTER_KEY holds no master key')
    delete process.env.PLUMBLINE_MASTER_KEY
    delete process.env.PLUMBLINE_MASTER_KEY_FILE
    const again = await start(database.url)
    expect(
      await again.db.query("select fields ->> 'name' as name from record where fields ->> 'number' = 'G-2'"),
    ).toEqual([{ name: 'Ada' }])
    await again.close()
  })
})
