// What becomes of an edit by somebody who does not own the field, from the edit to the answer. Every write that a system got is
// counted.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DisputeCounts, DisputePage, EventPage, FieldExplained, Problems, Tasks } from '../src/index.ts'
import { type Deals, startDeals } from './deals.ts'
import { until } from './world.ts'

let world: Deals
beforeEach(async () => {
  world = await startDeals()
})
afterEach(() => world?.close())

test('an edit of what somebody else owns is put right, once, and kept with who wanted what', async () => {
  const { sales, works, disputes, became, quiet, aDeal, at } = world
  await aDeal()
  works.put('w17', { Name: 'Smaller' }, 'clerk')
  await became('put right')
  await quiet()
  expect(at(works)).toMatchObject({ Name: 'Small' })
  expect(at(sales)).toMatchObject({ Name: 'Small' })
  expect(works.writes.map(write => write.fields)).toEqual([{ Name: 'Small' }])
  expect(sales.writes).toEqual([])
  expect(await disputes()).toMatchObject([
    {
      title: 'Deal 17',
      label: 'Name',
      system: 'works',
      by: 'clerk',
      owner: 'crm',
      wanted: 'Smaller',
      held: 'Small',
      says: 'name Smaller instead of Small on Deal 17; the CRM owns it',
      task: null,
    },
  ])
})

test('an edit that is refused is put right, and the record says there what was refused, why and when, until the next edit', async () => {
  const { sales, works, get, became, quiet, aDeal, at } = world
  await aDeal()
  sales.put('s17', { Price: '90' }, 'kim')
  await became('refused')
  await quiet()
  expect(at(sales)).toMatchObject({ Price: '100' })
  expect(at(sales)?.Says).toMatch(
    /^Not taken: price 90 instead of 100 on Deal 17 \(kim, \d{4}-\d\d-\d\d \d\d:\d\d UTC\): the ERP owns it\.$/,
  )
  expect(sales.writes).toHaveLength(1)
  expect(works.writes).toEqual([])
  const refused = await until(async () =>
    (await get<EventPage>('/api/events')).events.find(event => event.type === 'change.refused'),
  )
  expect(refused.data).toMatchObject({
    title: 'Deal 17',
    by: 'kim',
    wanted: { price: '90' },
    held: { price: '100' },
  })

  sales.put('s17', { Name: 'Smallest' }, 'kim')
  await until(async () => (at(sales)?.Says === null ? true : undefined))
  await quiet()
  expect(at(works)).toMatchObject({ Name: 'Smallest' })
  expect(sales.writes.map(write => write.fields).slice(1)).toEqual([{ Says: null }])
})

test('what its owner has never said stays empty and is explained by the owner; what was entered is put right, and nothing changed', async () => {
  const { sales, works, get, became, quiet, aDeal, at } = world
  await aDeal({ Price: undefined })
  sales.put('s17', { Price: '90' }, 'kim')
  await became('refused')
  await quiet()
  expect(at(sales)).toMatchObject({ Price: null })
  expect(works.writes).toEqual([])
  const { events } = await until(async () => {
    const page = await get<EventPage>('/api/events')
    return page.events.some(({ type }) => type === 'change.refused') && page
  })
  expect(events.filter(({ type, data }) => type === 'record.changed' && 'price' in (data.fields as object))).toEqual([])
  const { sentence, origin } = await get<FieldExplained>('/api/explain/deal/17/price')
  expect(sentence).toMatch(
    /^Price is empty, because works leaves it empty; what was entered elsewhere on .+ did not change that\./,
  )
  expect(origin).toMatchObject({ how: 'left empty', system: 'works', object: 'Thing', nativeId: 'w17', by: null })
})

test('the same edit told twice is one dispute, and the same edit made again is another', async () => {
  const { sales, get, disputes, became, quiet, aDeal, at } = world
  await aDeal()
  const seen = { ...sales.seen('s17'), by: 'kim' }
  const edit = { ...seen, fields: { ...seen.fields, Price: '90' } }
  sales.rows.set('s17', { ...at(sales), Price: '90' })
  sales.tell(edit, edit)
  await became('refused')
  await quiet()
  sales.tell(edit)
  sales.put('s17', { Price: '90' }, 'kim')
  await until(async () => (await disputes()).length > 1)
  await quiet()
  expect(await disputes()).toHaveLength(2)
  const { counts } = await get<DisputeCounts>('/api/disputes/counts?by=user')
  expect(counts).toMatchObject([{ by: 'kim', system: 'sales', field: 'price', count: 2, became: { refused: 2 } }])
})

test('edits are counted by person and field, and by field', async () => {
  const { sales, works, get, disputes, quiet, aDeal } = world
  await aDeal()
  const many = async (count: number) => {
    await until(async () => (await disputes()).length === count)
    await quiet()
  }
  sales.put('s17', { Price: '90' }, 'kim')
  await many(1)
  sales.put('s17', { Price: '80' }, 'kim')
  await many(2)
  sales.put('s17', { Price: '70' }, 'lee')
  await many(3)
  works.put('w17', { Name: 'Other' }, 'clerk')
  await many(4)
  const byUser = await get<DisputeCounts>('/api/disputes/counts')
  expect(byUser.counts.map(({ by, label, count }) => [by, label, count])).toEqual([
    ['kim', 'Price', 2],
    ['clerk', 'Name', 1],
    ['lee', 'Price', 1],
  ])
  const byField = await get<DisputeCounts>('/api/disputes/counts?by=field')
  expect(byField.counts.map(({ by, label, count }) => [by, label, count])).toEqual([
    [null, 'Price', 3],
    [null, 'Name', 1],
  ])
  const wanted = async (choice: string): Promise<unknown[]> =>
    (await get<DisputePage>(`/api/disputes?${choice}`)).disputes.map(one => one.wanted)
  expect(await wanted('by=kim')).toEqual(['80', '90'])
  expect(await wanted('contract=deal&field=price&system=sales&limit=2')).toEqual(['70', '80'])
  expect(await wanted('system=works')).toEqual(['Other'])
  expect(await wanted('field=price&system=works')).toEqual([])
})

test('until the deal is booked sales says when; afterwards a wish of sales is a question to the desk, and is put right meanwhile', async () => {
  const { sales, works, disputes, openTask, quiet, aDeal, at } = world
  await aDeal()
  sales.put('s17', { Wanted: 'tuesday' }, 'kim')
  await until(async () => (at(works)?.Wanted === 'tuesday' ? true : undefined))
  expect(await disputes()).toEqual([])
  works.put('w17', { State: 'booked' }, 'clerk')
  await until(async () => (at(sales)?.State === 'booked' ? true : undefined))
  await quiet()

  sales.put('s17', { Wanted: 'friday' }, 'kim')
  const task = await openTask()
  expect(task).toMatchObject({
    journey: null,
    title: 'Deal 17',
    desk: 'deal desk',
    question:
      'kim in sales wants wanted by friday instead of tuesday on Deal 17; the ERP owns it since it was booked. Apply it?',
    answers: ['apply', 'refuse'],
    facts: { wanted: 'friday', now: 'tuesday', by: 'kim', system: 'sales' },
  })
  await quiet()
  expect(at(sales)).toMatchObject({ Wanted: 'tuesday' })
  expect(at(sales)?.Says).toMatch(/^Asked of the deal desk: wanted by friday instead of tuesday on Deal 17 /)
  expect(at(works)).toMatchObject({ Wanted: 'tuesday' })
})

test('a wish that is granted goes to the system that owns the field, once, and every system holds it', async () => {
  const { sales, works, get, post, became, quiet, at, aWish } = world
  const { task } = await aWish()
  expect(await post(`/api/tasks/${task}/answer`, { answer: 'apply', by: 'Ada' })).toBe(200)
  expect(await became('applied')).toMatchObject({ wanted: 'friday', held: 'monday', decidedBy: 'Ada' })
  await quiet()
  expect(at(works)).toMatchObject({ Wanted: 'friday' })
  expect(at(sales)).toMatchObject({ Wanted: 'friday', Says: null })
  expect(works.writes.map(write => write.fields)).toEqual([{ Wanted: 'friday' }])
  expect(sales.writes.map(write => write.fields)).toEqual([{ Wanted: 'friday', Says: null }])
  const [answered] = (await get<Tasks>('/api/tasks?state=answered')).tasks
  expect(answered).toMatchObject({ answer: 'apply', answeredBy: 'Ada', wish: { became: 'applied' } })
  const record = await get<{ sources: Record<string, unknown> }>(`/api/records/${answered?.ref}`)
  expect(record.sources.wanted).toMatchObject({ by: 'Ada' })
})

test('a wish that the desk refuses stays as it was, and the record says who refused it', async () => {
  const { sales, works, post, became, quiet, at, aWish } = world
  const { task } = await aWish()
  expect(await post(`/api/tasks/${task}/answer`, { answer: 'refuse', by: 'Ada' })).toBe(200)
  await became('declined')
  await until(async () => String(at(sales)?.Says).startsWith('Refused by Ada'))
  await quiet()
  expect(at(sales)?.Says).toBe('Refused by Ada: wanted by friday instead of monday on Deal 17.')
  expect(at(sales)).toMatchObject({ Wanted: 'monday' })
  expect(works.writes).toEqual([])
  expect(await post(`/api/tasks/${task}/answer`, { answer: 'apply', by: 'Bob' })).toBe(409)
})

test('a wish that is granted and that the owner’s system says no to is taken back everywhere, in its words', async () => {
  const { sales, works, get, post, became, quiet, at, aWish } = world
  const { task } = await aWish()
  works.refuses = write => (write.fields.Wanted === 'friday' ? 'Nobody works on fridays' : undefined)
  await post(`/api/tasks/${task}/answer`, { answer: 'apply', by: 'Ada' })
  expect(await became('refused there')).toMatchObject({ reason: 'Nobody works on fridays', decidedBy: 'Ada' })
  await until(async () => String(at(sales)?.Says).startsWith('Not possible'))
  await quiet()
  expect(at(sales)).toMatchObject({ Wanted: 'monday' })
  expect(at(sales)?.Says).toBe('Not possible: wanted by friday instead of monday on Deal 17: Nobody works on fridays.')
  expect(at(works)).toMatchObject({ Wanted: 'monday' })
  const [answered] = (await get<Tasks>('/api/tasks?state=answered')).tasks
  expect(answered).toMatchObject({ wish: { became: 'refused there', reason: 'Nobody works on fridays' } })
  expect((await get<Problems>('/api/problems')).problems).toEqual([])
})

test('what is taken back is what stood when the desk answered, also where the owner had cleared it by then', async () => {
  const { sales, works, post, became, quiet, at, aWish } = world
  const { task } = await aWish()
  works.put('w17', { Wanted: null }, 'clerk')
  await until(async () => at(sales)?.Wanted === null)
  await quiet()
  works.refuses = write => (write.fields.Wanted === 'friday' ? 'Nobody works on fridays' : undefined)
  await post(`/api/tasks/${task}/answer`, { answer: 'apply', by: 'Ada' })
  await became('refused there')
  await until(async () => String(at(sales)?.Says).startsWith('Not possible'))
  await quiet()
  expect(at(sales)).toMatchObject({ Wanted: null })
  expect(at(works)).toMatchObject({ Wanted: null })
})

test('a newer wish replaces the one that nobody has decided on', async () => {
  const { sales, get, post, became, aWish } = world
  const { task } = await aWish()
  sales.put('s17', { Wanted: 'sunday' }, 'kim')
  const newer = await until(async () => (await get<Tasks>('/api/tasks')).tasks.find(one => one.task !== task))
  expect(newer.facts).toMatchObject({ wanted: 'sunday' })
  await became('replaced')
  expect(await post(`/api/tasks/${task}/answer`, { answer: 'apply', by: 'Ada' })).toBe(409)
})

test('a wish that the owner meets by itself needs no answer any more', async () => {
  const { sales, works, get, post, became, quiet, at, aWish } = world
  const { task } = await aWish()
  works.put('w17', { Wanted: 'friday' }, 'clerk')
  expect(await became('applied')).toMatchObject({ reason: 'the owner did so by itself', decidedBy: null })
  await quiet()
  expect((await get<Tasks>('/api/tasks')).tasks).toEqual([])
  expect(await post(`/api/tasks/${task}/answer`, { answer: 'refuse', by: 'Ada' })).toBe(409)
  expect(at(sales)).toMatchObject({ Wanted: 'friday' })
})

test('an edit that the owner’s system is tried with stands when it takes it, with one write and no question to anybody', async () => {
  const { sales, works, get, became, quiet, aDeal, at } = world
  await aDeal()
  sales.put('s17', { Hold: 'credit' }, 'kim')
  expect(await became('applied')).toMatchObject({ field: 'hold', wanted: 'credit', held: null, by: 'kim', task: null })
  await quiet()
  expect(at(works)).toMatchObject({ Hold: 'credit' })
  expect(at(sales)).toMatchObject({ Hold: 'credit' })
  expect(works.writes.map(write => write.fields)).toEqual([{ Hold: 'credit' }])
  expect(sales.writes).toEqual([])
  expect((await get<Tasks>('/api/tasks')).tasks).toEqual([])

  works.put('w17', { Hold: null }, 'clerk')
  await until(async () => (at(sales)?.Hold === null ? true : undefined))
  await quiet()
  expect(sales.writes.map(write => write.fields)).toEqual([{ Hold: null }])
})

test('an edit that the owner’s system does not take is put right where it was made, and the record says why in its words', async () => {
  const { sales, works, get, became, quiet, aDeal, at } = world
  await aDeal({ Hold: 'credit' })
  works.refuses = write => (write.fields.Hold === 'export' ? 'It has left the house' : undefined)
  sales.put('s17', { Hold: 'export' }, 'kim')
  expect(await became('refused there')).toMatchObject({ reason: 'It has left the house', by: 'kim' })
  await until(async () => String(at(sales)?.Says).startsWith('Not possible'))
  await quiet()
  expect(at(sales)).toMatchObject({
    Hold: 'credit',
    Says: 'Not possible: hold export instead of credit on Deal 17: It has left the house.',
  })
  expect(at(works)).toMatchObject({ Hold: 'credit' })
  expect((await get<Problems>('/api/problems')).problems).toEqual([])

  sales.put('s17', { Hold: 'customs' }, 'kim')
  await until(async () => (at(works)?.Hold === 'customs' ? true : undefined))
  await until(async () => (at(sales)?.Says === null ? true : undefined))
  await quiet()
  expect(at(sales)).toMatchObject({ Hold: 'customs' })
})

test('two edits of one field that come while the owner is away: the later one counts, and neither is written twice', async () => {
  const { sales, works, post, disputes, quiet, aDeal, at, engine } = world
  await aDeal()
  await post('/api/systems/works/pause', { by: 'test', reason: 'away' })
  sales.put('s17', { Hold: 'credit' }, 'kim')
  await until(async () => (await engine.db.query("select 1 from record where fields ->> 'hold' = 'credit'")).length)
  sales.put('s17', { Hold: 'export' }, 'lee')
  await until(async () => (await engine.db.query("select 1 from record where fields ->> 'hold' = 'export'")).length)
  await post('/api/systems/works/resume', { by: 'test' })
  await until(async () => (at(works)?.Hold === 'export' ? true : undefined))
  await quiet()
  expect(works.writes.map(write => write.fields)).toEqual([{ Hold: 'export' }])
  expect(at(sales)).toMatchObject({ Hold: 'export' })
  expect((await disputes()).map(({ by, became }) => [by, became])).toEqual([
    ['lee', 'applied'],
    ['kim', 'overtaken'],
  ])
})

test('who owns a field may depend on the record, and passes on when the record changes', async () => {
  const { sales, works, became, quiet, aDeal, at } = world
  await aDeal()
  works.put('w17', { Note: 'works says' }, 'clerk')
  await until(async () => (at(sales)?.Note === 'works says' ? true : undefined))
  sales.put('s17', { Name: 'Big', Note: 'sales says' }, 'kim')
  await until(async () => (at(works)?.Note === 'sales says' ? true : undefined))
  works.put('w17', { Note: 'works again' }, 'clerk')
  expect(await became('put right')).toMatchObject({ field: 'note', owner: 'crm', system: 'works' })
  await quiet()
  expect(at(works)).toMatchObject({ Note: 'sales says' })
  expect(at(sales)).toMatchObject({ Note: 'sales says' })
})

test('what stands when ownership passes on is the baseline, also where it was still on its way', async () => {
  const { sales, works, engine, post, disputes, quiet, aDeal, at } = world
  await aDeal({ Name: 'Big' })
  await post('/api/systems/works/pause', { by: 'test', reason: 'so that it is on its way' })
  sales.put('s17', { Note: 'sales says' }, 'kim')
  await until(async () => (await engine.db.query("select 1 from record where fields ->> 'note' = 'sales says'")).length)
  sales.put('s17', { Name: 'Small' }, 'kim')
  await until(async () => (await engine.db.query("select 1 from record where fields ->> 'name' = 'Small'")).length)
  await post('/api/systems/works/resume', { by: 'test' })
  await until(async () => (at(works)?.Name === 'Small' ? true : undefined))
  await quiet()
  expect(at(works)).toMatchObject({ Note: 'sales says' })
  expect(works.writes.map(write => write.fields)).toEqual([{ Name: 'Small', Note: 'sales says' }])
  works.put('w17', { Note: 'works says' }, 'clerk')
  await until(async () => (at(sales)?.Note === 'works says' ? true : undefined))
  expect(await disputes()).toEqual([])
})
