// What the sandbox does when told to misbehave, and what it remembers when it is killed.
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Faults } from '../src/faults.ts'
import { call, eventually, type Json, login, newFolder, sandboxCall, sellSomething, startSandbox } from './support.ts'

const countAccounts = async (connection: Json) => (await connection.query('SELECT COUNT() FROM Account')).totalSize

test('commitThenDrop commits and says nothing', async () => {
  const sandbox = await startSandbox()
  const connection = await login(sandbox)
  await sandboxCall(sandbox, 'PUT', 'faults', { commitThenDrop: { rate: 1, match: '^POST .*/sobjects/Account' } })
  await expect(call(connection, 'POST', '/sobjects/Account', { Name: 'x' })).rejects.toThrow()
  expect(await countAccounts(connection)).toBe(1)
  expect((await sandboxCall(sandbox, 'GET', 'faults')).fired).toEqual({ commitThenDrop: 1 })
})

test('dropThenCommit says nothing and commits later', async () => {
  const sandbox = await startSandbox()
  const connection = await login(sandbox)
  await sandboxCall(sandbox, 'PUT', 'faults', { dropThenCommit: { rate: 1, delayMs: 200 } })
  await expect(call(connection, 'POST', '/sobjects/Account', { Name: 'x' })).rejects.toThrow()
  expect(await countAccounts(connection)).toBe(0)
  await eventually(async () => ((await countAccounts(connection)) === 1 ? true : undefined))
})

test('outage, expired session, limits', async () => {
  const sandbox = await startSandbox()
  const connection = await login(sandbox)
  await sandboxCall(sandbox, 'PUT', 'faults', { unavailable: { rate: 1, retryAfterSeconds: 5 } })
  const down = await call(connection, 'GET', '/limits')
  expect([down.status, down.headers.get('retry-after'), down.body[0].errorCode]).toEqual([
    503,
    '5',
    'SERVER_UNAVAILABLE',
  ])
  await sandboxCall(sandbox, 'PUT', 'faults', { requestLimit: { kind: 'concurrent' } })
  expect(await call(connection, 'GET', '/limits')).toMatchObject({
    status: 403,
    body: [{ errorCode: 'REQUEST_LIMIT_EXCEEDED' }],
  })
  await sandboxCall(sandbox, 'PUT', 'faults', { expiredSession: { once: true } })
  expect((await call(connection, 'GET', '/limits')).status).toBe(401)
  expect((await call(connection, 'GET', '/limits')).status).toBe(401)
  expect((await call(await login(sandbox), 'GET', '/limits')).status).toBe(200)
  expect(await sandboxCall(sandbox, 'PUT', 'faults', { latency: { ms: 'long' } })).toMatchObject({
    status: 400,
    error: 'latency.ms must be a number of 0 or more, not "long"',
  })
  expect((await sandboxCall(sandbox, 'PUT', 'faults', { typo: {} })).error).toContain('There is no fault "typo"')
  expect((await sandboxCall(sandbox, 'DELETE', 'faults')).faults).toEqual({})
})

test('switches combine, go before nothing that was asked for, and are off when all is healed', async () => {
  const sandbox = await startSandbox()
  const connection = await login(sandbox, { client: 'plumbline' })
  const people = await login(sandbox, { client: 'sales-people' })
  const turn = (name: string, on: unknown) => sandboxCall(sandbox, 'PUT', `switches/${name}`, { on })
  const lit = async () => {
    const all: Json = await (await fetch(`${sandbox.url}/_sandbox/switches`)).json()
    return all.filter((one: Json) => one.on).map((one: Json) => one.switch)
  }
  const asked = (who = connection) =>
    call(who, 'GET', '/limits', undefined, who === people ? { 'sforce-call-options': 'client=sales-people' } : {})
  expect(await lit()).toEqual([])
  expect(await turn('daily-limit', true)).toMatchObject({
    switch: 'daily-limit',
    label: 'Daily limit reached',
    on: true,
  })
  expect([(await asked()).status, (await asked(people)).status]).toEqual([403, 200])
  await turn('down', true)
  expect([(await asked()).status, (await asked(people)).status]).toEqual([503, 503])
  await turn('daily-limit', false)
  expect((await asked()).status).toBe(503)
  await sandboxCall(sandbox, 'PUT', 'faults', { unavailable: { rate: 0 } })
  expect((await asked()).status).toBe(200)
  expect(await lit()).toEqual(['down'])
  await sandboxCall(sandbox, 'DELETE', 'faults')
  expect(await lit()).toEqual([])
  expect((await turn('nothing', true)).status).toBe(404)
  expect((await turn('down', 'yes')).status).toBe(400)
})

const ours = { 'sforce-call-options': 'client=plumbline' }

test('sessions of some callers end together, and are refused for as long as told', async () => {
  const sandbox = await startSandbox()
  const [connection, people] = [await login(sandbox), await login(sandbox)]
  const asked = async (who: typeof connection, headers = {}) =>
    (await call(who, 'GET', '/limits', undefined, headers)).status
  const theirs = { 'sforce-call-options': 'client=sales-people' }
  expect([await asked(connection, ours), await asked(people, theirs)]).toEqual([200, 200])
  expect(await sandboxCall(sandbox, 'POST', 'expire-sessions', { by: '^plumbline$' })).toMatchObject({ ended: 1 })
  expect([await asked(connection, ours), await asked(people, theirs)]).toEqual([401, 200])
  await sandboxCall(sandbox, 'PUT', 'faults', { refused: { what: 'sessions', by: '^plumbline$' } })
  const again = await login(sandbox)
  expect([await asked(again, ours), await asked(people, theirs)]).toEqual([401, 200])
  await sandboxCall(sandbox, 'PUT', 'faults', { refused: { what: 'logins', by: '^sandbox-admin$' } })
  await expect(login(sandbox)).rejects.toThrow('user is not admin approved')
  await sandboxCall(sandbox, 'DELETE', 'faults')
  expect(await asked(await login(sandbox), ours)).toBe(200)
  const { moments } = await sandboxCall(sandbox, 'GET', 'stats')
  expect([moments.login.length, moments.turnedAway.length]).toEqual([5, 2])
})

test('a day has as many calls as it was given, and says how many are left', async () => {
  const sandbox = await startSandbox()
  const connection = await login(sandbox)
  await sandboxCall(sandbox, 'PUT', 'faults', { requestLimit: { kind: 'daily', calls: 2 } })
  const first = await call(connection, 'GET', '/limits')
  expect([first.headers.get('sforce-limit-info'), first.body.DailyApiRequests]).toEqual([
    'api-usage=1/2',
    { Max: 2, Remaining: 1 },
  ])
  await call(connection, 'GET', '/limits')
  const third = await call(connection, 'GET', '/limits')
  expect([third.status, third.headers.get('sforce-limit-info'), third.body[0].message]).toEqual([
    403,
    'api-usage=2/2',
    'TotalRequests Limit exceeded.',
  ])
  await expect(login(sandbox)).rejects.toThrow()
  await sandboxCall(sandbox, 'POST', 'clock', { forwardMs: 24 * 3600_000 + 1 })
  expect((await call(await login(sandbox), 'GET', '/limits')).status).toBe(200)
})

test('of calls that take long, only so many may be under way', async () => {
  const sandbox = await startSandbox()
  const connection = await login(sandbox)
  await sandboxCall(sandbox, 'PUT', 'faults', {
    requestLimit: { kind: 'concurrent', atOnce: 2 },
    latency: { ms: 150 },
  })
  const answers = await Promise.all(Array.from({ length: 5 }, () => call(connection, 'GET', '/limits')))
  expect(answers.map(answer => answer.status).sort()).toEqual([200, 200, 403, 403, 403])
  expect((await call(connection, 'GET', '/limits')).status).toBe(200)
})

test('a page of maintenance is shown for everything, and an answer cut short comes after the deed', async () => {
  const sandbox = await startSandbox()
  const connection = await login(sandbox)
  await sandboxCall(sandbox, 'PUT', 'faults', { maintenancePage: { rate: 1 } })
  for (const path of ['/services/data/v67.0/limits', '/services/oauth2/token']) {
    const page = await fetch(sandbox.url + path, { method: path.endsWith('token') ? 'POST' : 'GET' })
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html;charset=UTF-8'])
  }
  const create = (name: string) => call(connection, 'POST', '/sobjects/Account', { Name: name })
  await sandboxCall(sandbox, 'PUT', 'faults', { truncatedBody: { rate: 1, how: 'cut' } })
  await expect(create('cut')).rejects.toThrow('JSON')
  await sandboxCall(sandbox, 'PUT', 'faults', { truncatedBody: { rate: 1, how: 'broken' } })
  await expect(create('broken')).rejects.toThrow()
  await sandboxCall(sandbox, 'DELETE', 'faults')
  expect(await countAccounts(connection)).toBe(2)
})

test('the same seed gives the same faults', () => {
  const draws = (seed: number) => {
    const faults = new Faults(() => 0)
    faults.replace({ seed, commitThenDrop: { rate: 0.5 } })
    return Array.from({ length: 40 }, () =>
      Boolean(faults.dropping({ target: 'POST /services/data/x', by: 'test' }, true)),
    )
  }
  expect(draws(7)).toEqual(draws(7))
  expect(draws(7)).not.toEqual(draws(8))
})

test('duplicated and reordered events lose nothing, and a restart keeps the stream as it was', async () => {
  const { Org } = await import('../src/org.ts')
  const { readMetadata } = await import('../src/metadata.ts')
  const folder = newFolder()
  const faults = new Faults(() => 0)
  faults.replace({ seed: 3, events: { duplicateRate: 0.3, reorderRate: 0.3, reorderWindow: 5 } })
  const open = () => new Org({ shape: readMetadata(undefined), folder, now: Date.now })
  const org = open()
  org.stream.disturbance = {
    active: true,
    delayMs: 0,
    holdBack: () => faults.holdsEventBack(),
    isDuplicate: () => faults.duplicatesEvent(),
  }
  const { createRecord } = await import('../src/records.ts')
  const type = org.schema.named('Account')
  if (!type) throw new Error('no Account')
  const actor = { userId: '', by: 'test', origin: '' }
  for (let i = 0; i < 100; i++) org.commit(actor, tx => createRecord(org, tx, type, { Name: `A${i}` }))
  await eventually(() => (new Set(org.stream.items.map(item => item.event?.id)).size === 100 ? true : undefined))
  const order = org.stream.items.map(item => [item.replayId, item.event?.id])
  const numbers = org.stream.items.map(item => item.event?.transaction.number ?? 0)
  expect(order.length).toBeGreaterThan(100)
  expect(numbers.some((number, i) => number < (numbers[i - 1] ?? 0))).toBe(true)
  expect(order.every(([replayId], i) => i === 0 || Number(replayId) > Number(order[i - 1]?.[0]))).toBe(true)
  org.close()
  const again = open()
  expect(again.stream.items.map(item => [item.replayId, item.event?.id])).toEqual(order)
  again.close()
})

test('a restart keeps records, numbers and tokens, and a torn last line is no harm', async () => {
  const dataFolder = newFolder()
  const first = await startSandbox({ dataFolder })
  const connection = await login(first)
  const { opportunityId, pricebookId } = await sellSomething(connection)
  await connection.sobject('Quote').create({ Name: 'Q1', OpportunityId: opportunityId, Pricebook2Id: pricebookId })
  const before = await sandboxCall(first, 'GET', 'journal')
  await first.close()
  appendFileSync(join(dataFolder, 'journal.jsonl'), '{"tx":99,"at":1,"e":[["crea')
  const second = await startSandbox({ dataFolder, port: first.port })
  expect(await sandboxCall(second, 'GET', 'journal')).toEqual(before)
  const quote = await connection
    .sobject('Quote')
    .create({ Name: 'Q2', OpportunityId: opportunityId, Pricebook2Id: pricebookId })
  expect((await connection.sobject('Quote').retrieve(quote.id ?? '')).QuoteNumber).toBe('00000002')
  const { entries, last } = await sandboxCall(second, 'GET', `journal?after=${before.last}&limit=1`)
  expect(last).toBe(before.last + 1)
  expect(entries).toMatchObject([
    { n: last, kind: 'create', object: 'Quote', id: quote.id, by: 'sandbox-admin', fields: { Name: 'Q2' } },
  ])
})

test('money totals are the exact sums of their lines', async () => {
  const sandbox = await startSandbox()
  const connection = await login(sandbox)
  const { opportunityId, pricebookId, entryIds } = await sellSomething(connection, 1)
  const cents = fc.integer({ min: 1, max: 10_000_000 })
  const line = fc.record({
    price: cents,
    quantity: fc.integer({ min: 1, max: 100_000 }),
    discount: fc.integer({ min: 0, max: 9999 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 20 }), cents, async (lines, tax) => {
      const { id = '' } = await connection
        .sobject('Quote')
        .create({ Name: 'Q', OpportunityId: opportunityId, Pricebook2Id: pricebookId, Tax: tax / 100 })
      const made = await connection.sobject('QuoteLineItem').create(
        lines.map(({ price, quantity, discount }) => ({
          QuoteId: id,
          PricebookEntryId: entryIds[0],
          Quantity: quantity / 100,
          UnitPrice: price / 100,
          Discount: discount / 100,
        })),
      )
      expect(made.every(result => result.success)).toBe(true)
      const half = (top: bigint, bottom: bigint) => (2n * top + bottom) / (2n * bottom)
      const totals = lines.map(({ price, quantity, discount }) =>
        half(BigInt(price) * BigInt(quantity) * BigInt(10_000 - discount), 100n * 10_000n),
      )
      const sum = totals.reduce((a, b) => a + b, 0n)
      const quote = await connection.sobject('Quote').retrieve(id)
      expect(BigInt(Math.round(Number(quote.TotalPrice) * 100))).toBe(sum)
      expect(String(quote.TotalPrice)).toBe(String(Number(`${sum / 100n}.${String(sum % 100n).padStart(2, '0')}`)))
      expect(BigInt(Math.round(Number(quote.GrandTotal) * 100))).toBe(sum + BigInt(tax))
    }),
    { numRuns: 25 },
  )
})
