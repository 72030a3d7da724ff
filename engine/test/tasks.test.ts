// Questions to people, from the asking to the answer: through a real engine and its admin API.
import {
  becomes,
  contract,
  fill,
  mapping,
  objectOf,
  oneOf,
  project,
  role,
  text,
  whereFound,
  workflow,
} from '@plumbline/sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { type Engine, type EventPage, type Story, serve, startEngine, type Tasks } from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

const Wish = contract(
  'wish',
  { name: text('Name').ownedBy('shop'), status: oneOf('Status', 'open', 'granted').ownedBy('shop') },
  { knownBy: ['name'], livesIn: { shop: whereFound() } },
)
const shop = role('shop', { holds: [Wish] })
type Grant = Parameters<typeof workflow<typeof Wish.fields, 'Begun'>>[1]['run']

let database: TestDatabase
let shelf: Shelf
let engine: Engine
let gateway: Awaited<ReturnType<typeof serve>>

beforeEach(async () => {
  database = await freshDatabase()
  shelf = new Shelf()
})
afterEach(async () => {
  await gateway?.close()
  await engine?.close()
  await database.drop()
})

async function running(run: Grant): Promise<void> {
  const native = shelfConnector(shelf)
  const wish = mapping(Wish, objectOf(native, 'Thing'), {
    name: 'Name',
    status: { field: 'State', read: state => (state === 'granted' ? 'granted' : 'open') },
  })
  engine = await startEngine({
    databaseUrl: database.url,
    project: project('wishes', {
      contracts: [Wish],
      roles: [shop],
      systems: [fill(shop, 'counter', native, {}, { mappings: [wish] })],
      workflows: [
        workflow('grant', {
          says: 'A granted wish needs somebody to agree',
          startsWhen: becomes(Wish, 'granted'),
          checkpoints: ['Begun'],
          run,
        }),
      ],
    }),
  })
  gateway = await serve(engine, { port: 0 })
  await until(async () => (await engine.ready()).ready)
}
const grant = (name: string): void => shelf.put(name, { Name: name, State: 'granted' })

type Answer = { readonly status: number; readonly body: Record<string, unknown> }
const get = async <T>(path: string): Promise<T> => (await fetch(gateway.url + path)).json() as Promise<T>
const tasks = (query = ''): Promise<Tasks> => get(`/api/tasks${query}`)
async function answer(task: string, body: object): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  const url = `${gateway.url}/api/tasks/${task}/answer`
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
const asked = (query = '', many = 1) =>
  until(async () => {
    const found = (await tasks(query)).tasks
    return found.length >= many ? found : undefined
  })
const ended = () =>
  until(async () => (await get<{ journeys: { state: string }[] }>('/api/journeys?state=done')).journeys.length > 0)

test('an answer is kept with who, when and why, and the journey goes on with it', async () => {
  const answers: string[] = []
  await running(async (wish, { ask }) => {
    const facts = { wish: wish.name, price: { amount: '1200.00', currency: 'EUR' } }
    answers.push(await ask('parents', 'A pony?', { answers: ['yes', 'no'], within: '2 days', facts }))
  })
  grant('a pony')
  const [task] = await asked('?desk=parents')
  expect(task).toMatchObject({
    title: 'Wish a pony',
    desk: 'parents',
    question: 'A pony?',
    answers: ['yes', 'no'],
    facts: { wish: 'a pony', price: { amount: '1200.00', currency: 'EUR' } },
    answer: null,
    late: false,
  })
  const id = task?.task ?? ''
  expect(await answer(id, { answer: 'yes', by: 'Mum', comment: ' She has been good ' })).toMatchObject({
    status: 200,
    body: { answer: 'yes', by: 'Mum', comment: 'She has been good', at: expect.any(String) },
  })
  await ended()
  expect(answers).toEqual(['yes'])
  expect((await tasks()).tasks).toEqual([])
  expect((await tasks('?state=answered')).tasks).toMatchObject([
    { task: id, answer: 'yes', answeredBy: 'Mum', answeredAt: expect.any(String), comment: 'She has been good' },
  ])
  const story = await get<Story>(`/api/journeys/${task?.journey}`)
  expect(story.timeline.map(moment => moment.sentence)).toContain(
    'Mum answers "yes" for the parents: She has been good',
  )
  const { events } = await until(async () => {
    const page = await get<EventPage>('/api/events')
    return page.events.some(event => event.type === 'task.answered') ? page : undefined
  })
  expect(events.find(event => event.type === 'task.answered')?.data).toMatchObject({
    task: id,
    desk: 'parents',
    answer: 'yes',
    by: 'Mum',
    comment: 'She has been good',
  })
})

test('a question that nobody answers goes on to another desk as well, visibly, and either may answer', async () => {
  await running(async (_, { ask }) => {
    const escalate = { to: 'grandparents', after: '1 second' } as const
    await ask('parents', 'A pony?', { answers: ['yes', 'no'], within: '2 days', escalate })
  })
  grant('a pony')
  const [first] = await asked()
  expect(first).toMatchObject({ escalatesTo: 'grandparents', escalatesAt: expect.any(String) })
  const [passedOn] = await asked('?desk=grandparents')
  expect(passedOn).toMatchObject({ task: first?.task, desk: 'parents', escalatedAt: expect.any(String), answer: null })
  const both = await tasks('?desk=parents')
  expect(both.tasks).toHaveLength(1)
  expect(both.desks).toEqual([
    { desk: 'grandparents', open: 1, late: 0 },
    { desk: 'parents', open: 1, late: 0 },
  ])
  const told = await until(async () =>
    (await get<EventPage>('/api/events')).events.filter(event => event.type === 'task.escalated').at(0),
  )
  expect(told.data).toMatchObject({ task: first?.task, desk: 'parents', to: 'grandparents' })
  const story = await get<Story>(`/api/journeys/${first?.journey}`)
  expect(story.timeline.map(moment => moment.sentence)).toContain(
    'Asks the grandparents too: no answer of the parents yet',
  )
  expect(await answer(first?.task ?? '', { answer: 'yes', by: 'Gran' })).toMatchObject({ status: 200 })
  await ended()
  expect((await tasks('?desk=grandparents')).desks).toEqual([])
})

test('when its time runs out it is "no answer", after the other desk had its time too, and nobody can answer any more', async () => {
  const answers: string[] = []
  await running(async (_, { ask }) => {
    const escalate = { to: 'grandparents', after: '1 second' } as const
    answers.push(await ask('parents', 'A pony?', { answers: ['yes'], within: '2 seconds', escalate }))
  })
  grant('a pony')
  const [task] = await asked('?state=all')
  await ended()
  expect(answers).toEqual(['no answer'])
  const [closed] = (await tasks('?state=answered')).tasks
  expect(closed).toMatchObject({ answer: 'no answer', answeredBy: null, escalatedAt: expect.any(String) })
  expect(await answer(task?.task ?? '', { answer: 'yes', by: 'Dad' })).toMatchObject({
    status: 409,
    body: { code: 'answered-already', detail: expect.stringMatching(/^Nobody answered in time: /) },
  })
})

test('of many who answer at the same moment one does, the others are told who, and the journey goes on once', async () => {
  const answers: string[] = []
  await running(async (_, { ask }) => {
    answers.push(await ask('parents', 'A pony?', { answers: ['yes', 'no'], within: '2 days' }))
  })
  grant('a pony')
  const [task] = await asked()
  const all = await Promise.all(
    ['Mum', 'Dad', 'Gran', 'Gramps', 'Aunt', 'Uncle'].map((by, i) =>
      answer(task?.task ?? '', { answer: i % 2 === 0 ? 'yes' : 'no', by }),
    ),
  )
  const first = all.filter(one => one.status === 200)
  expect(first).toHaveLength(1)
  const others = all.filter(one => one.status === 409)
  expect(others).toHaveLength(5)
  for (const { body } of others)
    expect(body).toMatchObject({
      code: 'answered-already',
      answeredBy: first[0]?.body.by,
      answer: first[0]?.body.answer,
    })
  await ended()
  expect(answers).toEqual([first[0]?.body.answer])
})

test('a question of a journey that ended otherwise is withdrawn: nobody finds it, and an answer is refused', async () => {
  await running(async (_, { ask, stop }) => {
    const options = { answers: ['yes', 'no'], within: '2 days' } as const
    await Promise.all([
      ask('parents', 'A pony?', options),
      ask('landlord', 'May there be a pony?', options).then(answer => (answer === 'no' ? stop('No room') : undefined)),
    ])
  })
  grant('a pony')
  const open = await asked('', 2)
  const of = (desk: string): string => open.find(one => one.desk === desk)?.task ?? ''
  await answer(of('landlord'), { answer: 'no', by: 'Mr Hill' })
  await until(async () => (await tasks()).tasks.length === 0)
  expect((await tasks()).desks).toEqual([])
  const all = (await tasks('?state=all')).tasks
  expect(all.find(one => one.desk === 'parents')).toMatchObject({ answer: null, withdrawnAt: expect.any(String) })
  expect(await answer(of('parents'), { answer: 'yes', by: 'Mum' })).toMatchObject({
    status: 409,
    body: { detail: expect.stringMatching(/^The journey that asked ended at /) },
  })
})

test('lists are by desk, journey and state, page by page, the oldest question first', async () => {
  await running(async (wish, { ask }) => {
    await ask(wish.name === 'w3' ? 'landlord' : 'parents', `${wish.name}?`, { answers: ['yes'], within: '2 days' })
  })
  const names = ['w1', 'w2', 'w3', 'w4', 'w5']
  for (const [i, name] of names.entries()) {
    grant(name)
    await asked('', i + 1)
  }
  const seen: string[] = []
  for (let after: string | null = ''; after !== null; ) {
    const page: Tasks = await tasks(`?limit=2${after && `&after=${after}`}`)
    seen.push(...page.tasks.map(task => task.question))
    after = page.next
  }
  expect(seen).toEqual(names.map(name => `${name}?`))
  const [landlords] = (await tasks('?desk=landlord')).tasks
  expect(landlords?.question).toBe('w3?')
  for (const asked of [String(landlords?.journey), 'w3'])
    expect((await tasks(`?journey=${asked}`)).tasks, asked).toEqual([landlords])
  expect((await tasks('?journey=w9')).tasks).toEqual([])
  await answer(landlords?.task ?? '', { answer: 'yes', by: 'Mr Hill' })
  expect((await tasks('?state=answered')).tasks.map(task => task.question)).toEqual(['w3?'])
  expect((await tasks('?state=all')).tasks.map(task => task.question)).toEqual(names.map(name => `${name}?`).reverse())
  for (const wrong of ['?state=lost', '?limit=0', '?after=nonsense', '?colour=red'])
    expect((await fetch(`${gateway.url}/api/tasks${wrong}`)).status, wrong).toBe(400)
  expect(await answer('t-unknown', { answer: 'yes', by: 'Mum' })).toMatchObject({ status: 404 })
  const [open] = (await tasks('?desk=parents')).tasks
  for (const body of [{ answer: 'yes' }, { answer: 'yes', by: ' ' }, { by: 'Mum' }, { answer: 'yes', by: 'Mum', x: 1 }])
    expect((await answer(open?.task ?? '', body)).status, JSON.stringify(body)).toBe(400)
  expect(await answer(open?.task ?? '', { answer: 'perhaps', by: 'Mum' })).toMatchObject({
    status: 422,
    body: { code: 'not-an-answer', answers: ['yes'] },
  })
})
