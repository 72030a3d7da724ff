// Three roles for real: sales keeps a person in Salesforce, the consent service knows what that person agreed to, and each is
// shown what the other decides. Everything is asked of the systems themselves: Salesforce through jsforce, the consent service
// through its API, and what was done there of its journal.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { newAccount, startWorld, type World, until as within } from './world.ts'

// Three systems and an engine take seconds, and a busy machine longer.
const patienceMs = 60_000
vi.setConfig({ testTimeout: 4 * patienceMs })
const until = <T>(what: () => Promise<T | undefined | false>): Promise<T> => within(what, patienceMs)

/** The consent service's clock, that a test moves on. */
let aheadMs = 0
const now = (): number => Date.now() + aheadMs

let world: World
beforeAll(async () => {
  world = await startWorld({ consent: { now, requestsPerSecond: 1_000 } })
}, 120_000)
afterAll(() => world?.close())

type Subject = { id: string; email: string; first_name: string | null; last_name: string; external_id: string | null }
type Shown = { Id: string; Purpose__c: string; Status__c: string; Source__c: string; Plumbline_Note__c: string | null }

const service = () => {
  if (!world.consent) throw new Error('There is no consent service')
  return world.consent
}
const headers = { authorization: 'Bearer sandbox-consent-key', 'content-type': 'application/json' }

async function subjectOf(email: string): Promise<Subject | undefined> {
  const answer = await fetch(`${service().url}/v1/subjects?email=${encodeURIComponent(email)}`, { headers })
  return ((await answer.json()) as { data: Subject[] }).data[0]
}

async function people(door: string, body: object): Promise<{ consents: { id: string }[] }> {
  const answer = await fetch(`${service().url}/_sandbox/${door}`, { method: 'POST', body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(await answer.text())
  return (await answer.json()) as { consents: { id: string }[] }
}

const newContact = async (fields: Record<string, unknown>): Promise<string> => {
  const saved = await world.org.sobject('Contact').create({ LastName: 'Byron', ...fields })
  if (!saved.success) throw new Error(JSON.stringify(saved.errors))
  return saved.id
}

/** What a salesperson sees below a contact. */
const shownAt = async (contact: string): Promise<Shown[]> =>
  (
    await world.org.query<Shown>(
      `select Id, Purpose__c, Status__c, Source__c, Plumbline_Note__c from Consent__c where Contact__c = '${contact}' order by Purpose__c`,
    )
  ).records

const shows = (contact: string, purpose: string, status: string): Promise<Shown> =>
  until(async () => (await shownAt(contact)).find(one => one.Purpose__c === purpose && one.Status__c === status))

const created = async (object: string, field: string, value: string) =>
  (await world.journal(service(), object)).filter(({ kind, fields }) => kind === 'create' && fields[field] === value)

test('a contact of sales becomes a subject of the consent service, and follows it', async () => {
  const AccountId = await newAccount(world.org, 'Acme', '10100001')
  const id = await newContact({ FirstName: 'Ada', Email: 'ada@example.com', AccountId })
  const subject = await until(() => subjectOf('ada@example.com'))
  expect(subject).toMatchObject({ first_name: 'Ada', last_name: 'Byron' })
  expect(subject.external_id).toMatch(/^contact-/)

  await world.org.sobject('Contact').update({ Id: id, LastName: 'King', Email: 'ada.king@example.com' })
  await until(async () => (await subjectOf('ada.king@example.com'))?.last_name === 'King')
  expect((await subjectOf('ada.king@example.com'))?.id).toBe(subject.id)

  // Who cannot be written to is nobody's subject.
  await newContact({ LastName: 'Anonymous' })
  const last = await newContact({ LastName: 'Known', Email: 'known@example.com' })
  await until(() => subjectOf('known@example.com'))
  expect(await created('subject', 'last_name', 'Anonymous')).toEqual([])
  expect(last).toMatch(/^003/)
})

test('what somebody agrees to, and withdraws, is shown to sales within seconds', async () => {
  const id = await newContact({ Email: 'grace@example.com' })
  await until(() => subjectOf('grace@example.com'))
  await people('person/grant', { email: 'grace@example.com', purpose: 'newsletter' })
  await people('person/grant', { email: 'grace@example.com', purpose: 'phone' })
  const shown = await shows(id, 'Newsletter', 'Granted')
  expect(shown).toMatchObject({ Source__c: 'preference centre' })
  await shows(id, 'Phone', 'Granted')

  await people('officer/withdraw', { email: 'grace@example.com', purpose: 'newsletter' })
  const withdrawn = await shows(id, 'Newsletter', 'Withdrawn')
  expect(withdrawn).toMatchObject({ Id: shown.Id, Source__c: 'privacy officer' })
  expect((await shownAt(id)).map(one => one.Status__c)).toEqual(['Withdrawn', 'Granted'])
})

test('a salesperson who flips a consent is put right and told so, and the consent service never hears of it', async () => {
  const id = await newContact({ Email: 'alan@example.com' })
  await until(() => subjectOf('alan@example.com'))
  await people('person/grant', { email: 'alan@example.com', purpose: 'profiling' })
  const { consents } = await people('person/withdraw', { email: 'alan@example.com', purpose: 'profiling' })
  const { Id } = await shows(id, 'Profiling', 'Withdrawn')
  const before = (await world.journal(service(), 'consent')).length

  await world.org.sobject('Consent__c').update({ Id, Status__c: 'Granted', Source__c: 'said so on the phone' })
  const flips = async () =>
    (await world.journal(world.salesforce, 'Consent__c')).filter(entry => entry.id === Id && entry.fields.Status__c)
  await until(async () => (await flips()).at(-1)?.fields.Status__c === 'Withdrawn' && (await flips()).length >= 3)
  const told = await until(async () => (await shownAt(id)).find(one => one.Plumbline_Note__c !== null))
  expect(told.Plumbline_Note__c).toContain('Not taken: status granted instead of withdrawn')
  expect(await shownAt(id)).toMatchObject([{ Id, Status__c: 'Withdrawn', Source__c: 'unsubscribe link' }])
  const after = await world.journal(service(), 'consent')
  expect(after).toHaveLength(before)
  expect(after.filter(entry => entry.id === consents[0]?.id).every(entry => entry.by === 'person')).toBe(true)
})

test('who changes the own address in the preference centre asks for it, and sales decides', async () => {
  const id = await newContact({ Email: 'moves@example.com' })
  const subject = await until(() => subjectOf('moves@example.com'))
  await people('person/grant', { email: 'moves@example.com', purpose: 'phone' })
  await shows(id, 'Phone', 'Granted')
  await people('person/change-email', { email: 'moves@example.com', to: 'moved@example.com' })
  const task = await until(async () => {
    const { tasks } = await world.get<{ tasks: { task: string; facts: unknown }[] }>('/api/tasks?desk=customer+care')
    return tasks[0]
  })
  expect(task).toMatchObject({ title: 'Contact moves@example.com', facts: { by: 'person', system: 'consents' } })
  // Until somebody decides, it is as sales has it.
  await until(async () => (await subjectOf('moves@example.com'))?.id === subject.id)
  await world.post(`/api/tasks/${encodeURIComponent(task.task)}/answer`, { answer: 'apply', by: 'Kim' })
  await until(async () => (await world.org.sobject('Contact').retrieve(id)).Email === 'moved@example.com')
  await until(async () => (await subjectOf('moved@example.com'))?.id === subject.id)
})

test('whom the consent service knew before is found by the e-mail address, with what was agreed to meanwhile', async () => {
  await people('person/sign-up', { email: 'early@example.com', purposes: ['newsletter'] })
  const known = await subjectOf('early@example.com')
  const id = await newContact({ FirstName: 'Eve', Email: 'early@example.com' })
  await shows(id, 'Newsletter', 'Granted')
  // The name is the CRM's, and gets there.
  await until(async () => (await subjectOf('early@example.com'))?.first_name === 'Eve')
  expect((await subjectOf('early@example.com'))?.id).toBe(known?.id)
  expect(await created('subject', 'email', 'early@example.com')).toHaveLength(1)
})

test('who signs up in the very moment in which sales enters them is one person all the same', async () => {
  const enter = async (n: number): Promise<void> => {
    const email = `both${n}@example.com`
    const contact = newContact({ FirstName: 'Eve', Email: email })
    await new Promise(resolve => setTimeout(resolve, n * 20))
    // Where the CRM was first, they are known already, and agree all the same.
    await people('person/sign-up', { email, purposes: ['newsletter'] })
    await shows(await contact, 'Newsletter', 'Granted')
    await until(async () => (await subjectOf(email))?.first_name === 'Eve')
    expect(await created('subject', 'email', email)).toHaveLength(1)
  }
  await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(enter))
  const { problems } = await world.get<{ problems: unknown[] }>('/api/problems')
  expect(problems).toEqual([])
})

test('a create whose answer is lost makes one subject, also when the contact changes before it is tried again', async () => {
  await world.faultsOf(service(), { commitThenDrop: { rate: 1, match: 'POST /v1/subjects$' } })
  const id = await newContact({ Email: 'lost@example.com' })
  await until(async () => (await created('subject', 'email', 'lost@example.com')).length > 0)
  await world.org.sobject('Contact').update({ Id: id, FirstName: 'Lou' })
  await world.faultsOf(service(), undefined)
  // What was sent and not answered may still be carried out: what is newer follows when it can no longer.
  await until(async () => (await subjectOf('lost@example.com'))?.first_name === 'Lou')
  expect(await created('subject', 'email', 'lost@example.com')).toHaveLength(1)
  // It is known there, for consents to be shown.
  await people('person/grant', { email: 'lost@example.com', purpose: 'phone' })
  await shows(id, 'Phone', 'Granted')
})

test('where a privacy officer forgets a person, sales keeps the contact and nothing of what was agreed to', async () => {
  const id = await newContact({ Email: 'forgotten@example.com' })
  const subject = await until(() => subjectOf('forgotten@example.com'))
  await people('person/grant', { email: 'forgotten@example.com', purpose: 'newsletter' })
  await people('person/grant', { email: 'forgotten@example.com', purpose: 'profiling' })
  await shows(id, 'Profiling', 'Granted')
  await shows(id, 'Newsletter', 'Granted')

  await people('officer/erase', { email: 'forgotten@example.com' })
  await until(async () => (await shownAt(id)).length === 0)
  const gone = async () =>
    (await world.get<{ events: { type: string; data: { title: string; system: string } }[] }>('/api/events?limit=500'))
      .events
  const told = await until(
    async () =>
      (await gone()).filter(({ type, data }) => type === 'record.gone' && data.system === 'consents').length >= 3 &&
      gone(),
  )
  expect(told.map(({ data }) => data.title)).toContain('Contact forgotten@example.com')
  expect(await world.org.sobject('Contact').retrieve(id)).toMatchObject({ Email: 'forgotten@example.com' })
  // Who was forgotten there is not made known there again.
  await world.org.sobject('Contact').update({ Id: id, FirstName: 'Nobody' })
  await newContact({ Email: 'after@example.com' })
  await until(() => subjectOf('after@example.com'))
  expect(await subjectOf('forgotten@example.com')).toBeUndefined()
  expect((await world.journal(service(), 'subject')).filter(entry => entry.id === subject.id).at(-1)?.kind).toBe(
    'delete',
  )
})

test('when the service has forgotten our cursor everything is listed anew, and nothing is missed', async () => {
  const stays = await newContact({ Email: 'stays@example.com' })
  const goes = await newContact({ Email: 'goes@example.com' })
  const erased = await newContact({ Email: 'erased@example.com' })
  for (const email of ['stays@example.com', 'goes@example.com', 'erased@example.com']) {
    await until(() => subjectOf(email))
    await people('person/grant', { email, purpose: 'phone' })
  }
  await shows(stays, 'Phone', 'Granted')
  await shows(goes, 'Phone', 'Granted')
  await shows(erased, 'Phone', 'Granted')

  await world.faultsOf(service(), { unavailable: { rate: 1 } })
  await people('person/withdraw', { email: 'stays@example.com', purpose: 'phone' })
  await people('person/grant', { email: 'stays@example.com', purpose: 'newsletter' })
  await people('person/sign-up', { email: 'new@example.com', purposes: ['profiling'] })
  await people('officer/erase', { email: 'erased@example.com' })
  aheadMs += 31 * 86_400_000
  await world.faultsOf(service(), undefined)

  await shows(stays, 'Phone', 'Withdrawn')
  await shows(stays, 'Newsletter', 'Granted')
  // No tombstone tells of who was deleted: what is no longer listed is gone.
  await until(async () => (await shownAt(erased)).length === 0)
  const late = await newContact({ Email: 'new@example.com' })
  await shows(late, 'Profiling', 'Granted')
  // And what happens from now on is followed.
  await people('person/withdraw', { email: 'goes@example.com', purpose: 'phone' })
  await shows(goes, 'Phone', 'Withdrawn')
})
