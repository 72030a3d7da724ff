// A person is erased: nothing of them can be read any more in any table, in the log or in an answer; the audit stands, and so do the
// orders of their customer. The person has names that stand nowhere else, so that they can be looked for everywhere.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { AuditPage, AuditVerified, EraseAnswer, JourneyPage, Problems, SearchHits, Tasks } from '../src/index.ts'
import { newAccount, newProduct, newQuote, startWorld, type World, until as within } from './world.ts'

const patienceMs = 60_000
vi.setConfig({ testTimeout: 4 * patienceMs })
const until = <T>(what: () => Promise<T | undefined | false>): Promise<T> => within(what, patienceMs)

/** What can be known of her, as it was first and as it became. */
const HER = {
  first: 'Zerubine',
  firstLater: 'Xanthilde',
  last: 'Quorvany',
  lastLater: 'Brimwhistle',
  email: 'zq.heronfeather@example.test',
  emailWished: 'zq.moonotter@example.test',
  phone: '+49 30 771177558833',
  source: 'told at the Plumquat fair',
} as const
const LAST_WORDS = 'Ostrichbell'
const canaries = (): string[] => [
  ...Object.values(HER),
  LAST_WORDS,
  'heronfeather',
  'moonotter',
  'Plumquat',
  '771177558833',
]

const logged: string[] = []
let world: World
let raw: pg.Client
beforeAll(async () => {
  const log = (sentence: string, facts = {}): void => void logged.push(`${sentence} ${JSON.stringify(facts)}`)
  world = await startWorld({ consent: { requestsPerSecond: 1_000 }, log })
  raw = new pg.Client({ connectionString: world.engine.db.url, options: '-c search_path=plumbline' })
  await raw.connect()
}, 120_000)
afterAll(async () => {
  await raw?.end()
  await world?.close()
})

/** Readable, or as base64 at any of its three offsets, or as hex. */
const formsOf = (word: string): { any: string[]; exact: string[] } => ({
  any: [word, Buffer.from(word).toString('hex')],
  exact: [0, 1, 2].map(offset =>
    Buffer.concat([Buffer.alloc(offset), Buffer.from(word)])
      .toString('base64')
      .slice(offset === 0 ? 0 : 4, -4),
  ),
})

/** Every column of every row of every table there is: where a word can be found. */
async function tablesThatTell(words: readonly string[]): Promise<string[]> {
  const { rows: tables } = await raw.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'`,
  )
  expect(tables.length).toBeGreaterThan(25)
  const forms = words.map(formsOf)
  const any = forms.flatMap(form => form.any).map(word => `%${word}%`)
  const exact = forms.flatMap(form => form.exact).map(word => `%${word}%`)
  const found: string[] = []
  for (const { name } of tables) {
    const { rows } = await raw.query<{ text: string }>(
      `select t::text as text from ${name} t where t::text ilike any($1) or t::text like any($2) limit 3`,
      [any, exact],
    )
    found.push(...rows.map(({ text }) => `${name}: ${text.slice(0, 400)}`))
  }
  return found
}

const answered = async (answer: Response): Promise<string> => {
  expect([answer.url, answer.status]).toEqual([answer.url, 200])
  return answer.text()
}

/** All that the admin API says, of her and of all. */
async function answers(ref: string): Promise<string> {
  const lists = [
    'journeys',
    'tasks?state=all',
    'disputes',
    'disputes/counts?by=user',
    'events?after=0&limit=500',
    'problems',
    'audit',
    'systems',
    'owners',
  ]
  const fields = ['firstName', 'lastName', 'email', 'customer']
  const { rows: consents } = await raw.query<{ ref: string }>('select ref from record where contract = $1', ['consent'])
  const hers = [
    ...[ref, ...fields.map(field => `${ref}/${field}`)].map(path => `explain/contact/${path}`),
    ...consents.flatMap(one => [
      `explain/consent/${one.ref}`,
      `explain/consent/${one.ref}/source`,
      `records/${one.ref}`,
    ]),
    `records/${ref}`,
  ]
  const texts = await Promise.all([...lists, ...hers].map(path => fetch(`${world.url}/api/${path}`).then(answered)))
  return texts.join('\n')
}

const hits = async (asked: string): Promise<string[]> =>
  (await world.get<SearchHits>(`/api/search?q=${encodeURIComponent(asked)}`)).hits.map(hit => hit.ref)

const erase = (more: object): Promise<EraseAnswer> =>
  world.post('/api/persons/erase', { by: 'Kim', reason: `${HER.first} ${HER.last} asked us to`, ...more })

const sales = (Id: string, fields: Record<string, unknown>) => world.org.sobject('Contact').update({ Id, ...fields })
const headers = { authorization: 'Bearer sandbox-consent-key' }
const subject = async (email: string): Promise<{ id: string; first_name: string | null } | undefined> => {
  const answer = await fetch(`${world.consent?.url}/v1/subjects?email=${encodeURIComponent(email)}`, { headers })
  return ((await answer.json()) as { data: { id: string; first_name: string | null }[] }).data[0]
}
const atConsents = (door: string, body: object) =>
  fetch(`${world.consent?.url}/_sandbox/${door}`, { method: 'POST', body: JSON.stringify(body) })

const atRest = () =>
  until(async () => {
    const { rows } = await raw.query(`
      select 1 from inbox where not parked
      union all select 1 from delivery where state = 'due' or worker is not null
      union all select 1 from journey where state = 'ready' or worker is not null`)
    return rows.length === 0
  })
const writesSoFar = async () => {
  if (!world.consent) throw new Error('There is no consent service')
  const all = await Promise.all([
    world.journal(world.salesforce, 'Contact'),
    world.journal(world.salesforce, 'Consent__c'),
    world.journal(world.consent, 'subject'),
    world.journal(world.consent, 'consent'),
  ])
  return all.map(entries => entries.length)
}

const totals = async () =>
  (await raw.query('select ref, fields from record where contract = $1 order by ref', ['order'])).rows

test('nothing readable of an erased person is left anywhere, and the orders of their customer stand', async () => {
  // Given a customer with an order, and a person there whom sales and the consent service know.
  const account = await newAccount(world.org, 'Gull & Sons', '10100001')
  const product = await newProduct(world.org, 'Pump', 'TG11')
  const { id: contact } = (await world.org.sobject('Contact').create({
    FirstName: HER.first,
    LastName: HER.last,
    Email: HER.email,
    Phone: HER.phone,
    AccountId: account,
  })) as { id: string }
  await until(() => subject(HER.email))
  await atConsents('person/grant', { email: HER.email, purpose: 'newsletter' })
  const shown = async (): Promise<{ Id: string; Source__c: string }[]> =>
    (
      await world.org.query<{ Id: string; Source__c: string }>(
        `select Id, Source__c from Consent__c where Contact__c = '${contact}'`,
      )
    ).records
  const consent = await until(async () => (await shown())[0])
  await newQuote(world.org, account, [{ product, quantity: 3, price: 17.55 }])
  const isBooked = async (): Promise<boolean> => {
    const { journeys } = await world.get<JourneyPage>('/api/journeys')
    return journeys[0]?.checkpoints.some(one => one.checkpoint === 'Booked' && one.reachedAt !== null) === true
  }
  await until(isBooked)

  // When all that is known changes, is disputed and is asked about.
  await sales(contact, { FirstName: HER.firstLater, LastName: HER.lastLater })
  await until(async () => (await subject(HER.email))?.first_name === HER.firstLater)
  await world.org.sobject('Consent__c').update({ Id: consent.Id, Source__c: HER.source })
  await until(async () => (await shown())[0]?.Source__c !== HER.source)
  const care = () => world.get<Tasks>('/api/tasks?desk=customer+care')
  await atConsents('person/change-email', { email: HER.email, to: HER.emailWished })
  const asked = await until(async () => (await care()).tasks[0])
  await world.post(`/api/tasks/${asked.task}/answer`, {
    answer: 'refuse',
    by: 'Kim',
    comment: `${HER.lastLater} phoned`,
  })
  await atConsents('person/change-email', { email: HER.email, to: `second.${HER.emailWished}` })
  await until(async () => (await care()).tasks.length === 1)
  await atRest()

  // Then people find and read all of it, and the tables tell nothing.
  const [ref = ''] = await hits(HER.email)
  expect(ref).toMatch(/^contact-/)
  expect(await hits(HER.lastLater)).toEqual([ref])
  expect(await hits(HER.lastLater.slice(0, 5))).toEqual([ref])
  expect(await hits(HER.email.slice(0, 11))).toEqual([ref])
  expect(await hits(`${HER.email.slice(0, 10)}x`)).toEqual([])
  const before = await answers(ref)
  for (const word of [HER.first, HER.firstLater, HER.last, HER.lastLater, HER.email, HER.emailWished, HER.source])
    expect(before, word).toContain(word)
  expect(await tablesThatTell(canaries())).toEqual([])
  expect(await tablesThatTell(['Gull & Sons'])).not.toEqual([])

  // When somebody looks what would go, nothing goes.
  const preview = await erase({ person: HER.email, preview: true })
  expect(preview).toMatchObject({ ref, preview: true, title: `Contact ${HER.email}`, erased: null })
  expect(preview.erases).toMatchObject({ records: 2, tasks: 2 })
  expect(preview.stays).toContainEqual({ contract: 'order', records: 1 })
  expect(preview.heldBy.map(one => `${one.system}/${one.object}`).sort()).toEqual([
    'consents/Consent',
    'consents/Subject',
    'sales/Consent__c',
    'sales/Contact',
  ])
  expect(await hits(HER.email)).toEqual([ref])

  // When she is erased.
  const orders = await totals()
  const writes = await writesSoFar()
  const erased = await erase({ person: HER.email })
  expect(erased).toMatchObject({ ref, preview: false, title: null, erases: preview.erases })
  expect(JSON.stringify(erased)).toContain('erased on')

  // Then nobody can read anything of her, wherever it lies.
  const after = await answers(ref)
  for (const word of canaries()) expect(after.toLowerCase(), word).not.toContain(word.toLowerCase())
  expect(after).toContain('erased on')
  expect(await hits(HER.email)).toEqual([])
  expect(await tablesThatTell(canaries())).toEqual([])
  const explained = await world.get<{ words: string; record: { title: string } }>(
    `/api/explain/contact/${ref}/lastName`,
  )
  expect(explained.words).toMatch(/^erased on \d{4}-\d\d-\d\d$/)
  expect((await care()).tasks).toEqual([])

  // And the rest is as it was: nothing was written anywhere, and the orders stand.
  await atRest()
  expect(await totals()).toEqual(orders)
  expect(await writesSoFar()).toEqual(writes)
  expect((await world.get<AuditVerified>('/api/audit/verify')).stands).toBe(true)
  const { entries } = await world.get<AuditPage>('/api/audit')
  expect(entries[0]).toMatchObject({ what: 'erased', by: 'Kim', about: `person:${ref}` })
  expect(entries.map(one => one.what)).toEqual(['erased', 'answered'])

  // And who does it once more changes nothing.
  const { erased: first } = await erase({ person: ref, by: 'Lee' })
  expect(first).toMatchObject({ by: 'Kim', at: erased.erased?.at })
  expect((await world.get<AuditPage>('/api/audit')).entries).toHaveLength(2)

  // When sales goes on editing her, then it is not kept, and shown once.
  await sales(contact, { LastName: LAST_WORDS })
  await sales(contact, { FirstName: LAST_WORDS })
  const persons = async () => (await world.get<Problems>('/api/problems')).problems.filter(one => one.kind === 'person')
  await until(async () => ((await persons())[0]?.tries ?? 0) >= 2)
  await atRest()
  const [held] = await persons()
  expect(held).toMatchObject({ what: `Contact ${contact} of sales`, todo: 'Delete it in sales.' })
  expect(held?.reason).toContain('sales still holds it')
  expect(await tablesThatTell(canaries())).toEqual([])
  expect(await hits(LAST_WORDS)).toEqual([])

  // When she agrees to something more, then that is not kept either, and sales never hears of it.
  await atConsents('person/grant', { email: HER.email, purpose: 'phone' })
  await until(async () => (await persons()).some(one => /^Consent \S+ of consents$/.test(one.what)))
  await atRest()
  expect(await shown()).toHaveLength(1)
  expect((await raw.query('select from record where contract = $1 and version > 0', ['consent'])).rowCount).toBe(1)
  await atConsents('officer/erase', { email: HER.email })

  // When she is deleted there too, then nothing is left to be said.
  await world.org.sobject('Contact').destroy(contact)
  await world.org.sobject('Consent__c').destroy(consent.Id)
  await until(async () => (await persons()).length === 0)
  expect(logged.join('\n')).not.toMatch(
    new RegExp(
      canaries()
        .map(word => word.replace(/[+.]/g, '\\$&'))
        .join('|'),
      'i',
    ),
  )
})

/** `plumb`, as a process of its own. */
const main = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))
const plumb = (...args: string[]) =>
  spawn(process.execPath, ['--conditions=plumbline-source', '--disable-warning=ExperimentalWarning', main, ...args], {
    env: { ...process.env, DATABASE_URL: world.engine.db.url },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
async function said(...args: string[]): Promise<{ code: number | null; out: string }> {
  const child = plumb(...args, '--url', world.url)
  let out = ''
  child.stdout.on('data', text => {
    out += text
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out }
}

test('an erasure that is killed midway is none, and done again it is whole', async () => {
  // Given a person, and a process that is about to erase them when somebody else holds one of their keys.
  const email = 'heronfeather.two@example.test'
  await world.org.sobject('Contact').create({ FirstName: HER.first, LastName: HER.last, Email: email })
  const [ref = ''] = await until(async () => ((await hits(email)).length === 1 ? hits(email) : undefined))
  await until(() => subject(email))
  await atRest()
  const server = plumb('serve', '--no-work', '--port', '0', '--json')
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: server.stdout }).on('line', line => {
      const { ready, url } = JSON.parse(line) as { ready?: boolean; url?: string }
      if (ready && url) resolve(url)
    })
    server.once('exit', code => reject(new Error(`It ended with ${code}`)))
  })
  await raw.query('begin')
  await raw.query('select from personal_key where subject = $1 for update', [ref])
  const cut = fetch(`${url}/api/persons/erase`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ person: email, by: 'Kim', reason: 'asked us to' }),
  }).catch((error: Error) => error)
  // By another connection: within a transaction, what others do is seen as it was.
  const waiting = () =>
    world.engine.db.query(
      "select from pg_stat_activity where wait_event_type = 'Lock' and query like 'insert into personal_key%'",
    )
  await until(async () => (await waiting()).length === 1)

  // When it is killed right then.
  server.removeAllListeners('exit')
  server.kill('SIGKILL')
  await once(server, 'close')
  expect(await cut).toBeInstanceOf(Error)
  await raw.query('rollback')
  await until(async () => (await waiting()).length === 0)

  // Then nothing was erased.
  expect(await hits(email)).toEqual([ref])
  expect((await raw.query('select from erasure where ref = $1', [ref])).rowCount).toBe(0)
  const field = async () => (await world.get<{ words: string }>(`/api/explain/contact/${ref}/lastName`)).words
  expect(await field()).toBe(HER.last)

  // And done again, by hand, it is whole.
  const preview = await said('erase', email, '--preview', '--reason', 'asked us to')
  expect(preview.out).toContain(`Contact ${email} (${ref}) would be erased: 1 record`)
  const done = await said('erase', email, '--by', 'Lee', '--reason', `${HER.last} asked us to`)
  expect(done.out).toContain(`${ref} was erased on`)
  expect(done.out).toContain('sales still holds Contact')
  expect(await field()).toMatch(/^erased on/)
  expect(await hits(email)).toEqual([])
  expect(await tablesThatTell(canaries())).toEqual([])
  const head = (await said('audit', 'head')).out.trim()
  expect(await said('audit', 'verify', '--head', head)).toMatchObject({
    code: 0,
    out: expect.stringContaining('stand as they were written'),
  })
  expect((await said('audit')).out).toMatch(new RegExp(`Lee erased person:${ref}: erased on [\\d-]+ asked us to`))
  await raw.query("update audit set entry = replace(entry, 'Lee', 'Kim')")
  expect(await said('audit', 'verify')).toMatchObject({
    code: 1,
    out: expect.stringContaining('is not what was written'),
  })
})
