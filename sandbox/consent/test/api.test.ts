// Subjects and consents over the API: who gets in, creates that happen once, conditional updates, lists, and the feed.
import { describe, expect, it } from 'vitest'
import { Caller, type Clock, door, withSandbox } from './caller.ts'

const ada = { email: 'ada@example.com', first_name: 'Ada', last_name: 'Byron', external_id: 'crm-1' }
const grantOf = (subject: string, purpose: string) => ({
  subject_id: subject,
  purpose,
  status: 'granted',
  source: 'fair',
})

describe('calling', () => {
  it('lets in who shows a key, and says what it does not know', () =>
    withSandbox(async ({ call, url }) => {
      expect((await call.get('account')).json).toMatchObject({ purposes: ['newsletter', 'profiling', 'phone'] })
      expect((await new Caller(url, 'wrong').get('account')).json.error.code).toBe('unauthorized')
      expect((await call.get('nothing')).status).toBe(404)
      expect((await call.get('subjects/sub_000009')).json.error.code).toBe('not_found')
      expect((await call.send('PUT', 'subjects')).status).toBe(405)
    }))

  it('asks for patience when it is called too often, and forgets about it', () =>
    withSandbox(
      async ({ call, clock }) => {
        const answers = await Promise.all(Array.from({ length: 10 }, () => call.get('account')))
        const refused = answers.filter(({ status }) => status === 429)
        expect(refused).toHaveLength(4)
        expect(refused[0]?.headers.get('retry-after')).toBe('1')
        clock.ms += 1_000
        expect((await call.get('account')).status).toBe(200)
      },
      { requestsPerSecond: 3 },
    ))
})

describe('subjects', () => {
  it('are people with an e-mail address that nobody else has', () =>
    withSandbox(async ({ call }) => {
      const created = await call.post('subjects', ada)
      expect(created.status).toBe(201)
      expect(created.json).toMatchObject({ ...ada, id: 'sub_000001', version: 1, updated_by: 'integration' })
      expect((await call.post('subjects', { email: 'ADA@example.com' })).json.error).toMatchObject({
        code: 'email_taken',
        existing: 'sub_000001',
      })
      const namesake = { email: 'other@example.com', external_id: 'crm-1' }
      expect((await call.post('subjects', namesake)).json.error.code).toBe('external_id_taken')
      expect((await call.post('subjects', { email: 'no address' })).json.error.field).toBe('email')
      expect((await call.post('subjects', { ...ada, shoe_size: '39' })).status).toBe(422)
      expect((await call.get('subjects?external_id=crm-1')).json.data).toHaveLength(1)
      expect((await call.get('subjects?email=Ada@Example.com')).json.data).toHaveLength(1)
    }))

  it('are created once however often the same key comes, for a day', () =>
    withSandbox(async ({ call, clock }) => {
      const first = await call.post('subjects', ada, 'k1')
      const again = await call.post('subjects', ada, 'k1')
      expect([again.status, again.json, again.headers.get('idempotency-replayed')]).toEqual([201, first.json, 'true'])
      expect(again.headers.get('etag')).toBe(first.headers.get('etag'))
      const other = await call.post('subjects', { ...ada, email: 'else@example.com' }, 'k1')
      expect([other.status, other.json.error.code]).toEqual([422, 'idempotency_key_reused'])
      clock.days(2)
      expect((await call.post('subjects', ada, 'k1')).json.error.code).toBe('email_taken')
      expect((await call.get('subjects')).json.data).toHaveLength(1)
    }))

  it('change only for whoever knows their latest version', () =>
    withSandbox(async ({ call }) => {
      const { headers } = await call.post('subjects', ada)
      const etag = headers.get('etag') ?? ''
      expect((await call.patch('subjects/sub_000001', { last_name: 'King' })).status).toBe(428)
      const changed = await call.patch('subjects/sub_000001', { last_name: 'King' }, etag)
      expect(changed.json).toMatchObject({ last_name: 'King', version: 2 })
      const late = await call.patch('subjects/sub_000001', { last_name: 'Lovelace' }, etag)
      expect([late.status, late.json.error.code]).toEqual([412, 'precondition_failed'])
      expect((await call.patch('subjects/sub_000001', { last_name: 'Lovelace' }, '*')).json.version).toBe(3)
    }))

  it('are listed page by page, and read many at once', () =>
    withSandbox(async ({ call }) => {
      for (const n of [1, 2, 3, 4, 5]) await call.post('subjects', { email: `p${n}@example.com` })
      const first = (await call.get('subjects?limit=2')).json
      const second = (await call.get(`subjects?limit=2&cursor=${first.next_cursor}`)).json
      const third = (await call.get(`subjects?limit=2&cursor=${second.next_cursor}`)).json
      const emails = [first, second, third].flatMap(page => page.data.map((row: { email: string }) => row.email))
      expect(emails).toEqual([1, 2, 3, 4, 5].map(n => `p${n}@example.com`))
      expect(third.next_cursor).toBeNull()
      expect((await call.get('subjects?ids=sub_000002,sub_000099,sub_000004')).json.data).toHaveLength(2)
    }))
})

describe('consents', () => {
  it('are one for each person and purpose, and know when they were decided', () =>
    withSandbox(async ({ call, clock }) => {
      await call.post('subjects', ada)
      const pending = await call.post('consents', { ...grantOf('sub_000001', 'newsletter'), status: 'pending' })
      expect(pending.json).toMatchObject({ status: 'pending', legal_basis: 'consent', source: 'fair' })
      expect((await call.post('consents', grantOf('sub_000001', 'newsletter'))).json.error.code).toBe('consent_exists')
      expect((await call.post('consents', grantOf('sub_000009', 'phone'))).json.error.field).toBe('subject_id')
      expect((await call.post('consents', grantOf('sub_000001', 'fax'))).json.error.field).toBe('purpose')
      clock.ms += 5_000
      const granted = await call.patch('consents/con_000001', { status: 'granted' }, pending.headers.get('etag') ?? '')
      expect(granted.json).toMatchObject({ status: 'granted', decided_at: '2026-11-22T08:00:05.000Z' })
      const back = await call.patch('consents/con_000001', { status: 'pending' }, '*')
      expect(back.json.error.code).toBe('illegal_transition')
      expect((await call.patch('consents/con_000001', { purpose: 'phone' }, '*')).json.error.field).toBe('purpose')
      expect((await call.send('DELETE', 'consents/con_000001')).status).toBe(405)
    }))
})

describe('the feed', () => {
  /** A person a millisecond, each with a consent. */
  const people = async (call: Caller, clock: Clock, from: number, count: number) => {
    for (let n = from; n < from + count; n++) {
      clock.ms += 1
      await call.post('subjects', { email: `p${n}@example.com` })
      await call.post('consents', grantOf(`sub_${String(n).padStart(6, '0')}`, 'phone'))
    }
  }

  it('tells all that changed since a time or a cursor, each as it is now, and the latest again', () =>
    withSandbox(async ({ call, clock }) => {
      await people(call, clock, 1, 5)
      const { rows, next } = await call.feed('consents', '2026-11-22T08:00:00.000Z', 2)
      expect(new Set(rows.map(row => row.id)).size).toBe(5)
      // Pages begin at the last millisecond of the one before.
      expect(rows.length).toBeGreaterThan(5)
      clock.ms += 1_999
      await call.patch('consents/con_000002', { status: 'withdrawn' }, '*')
      const news = await call.feed('consents', next)
      // What the last page told is told again.
      expect(news.rows.map(row => [row.id, row.status])).toEqual([
        ['con_000004', 'granted'],
        ['con_000005', 'granted'],
        ['con_000002', 'withdrawn'],
      ])
      clock.ms += 2_000
      const latest = await call.feed('consents', news.next)
      expect((await call.feed('consents', latest.next)).rows.map(row => row.id)).toEqual(['con_000002'])
      // Whoever follows a feed in which nothing happens still stands at its end.
      clock.days(20)
      const quiet = await call.feed('consents', latest.next)
      clock.days(20)
      expect((await call.feed('consents', quiet.next)).rows).toEqual([])
    }))

  it('tells everything of one millisecond in one page, in any order, and misses nothing that comes within it', () =>
    withSandbox(async ({ call, clock }) => {
      await Promise.all(Array.from({ length: 30 }, (_, n) => call.post('subjects', { email: `p${n}@example.com` })))
      const since = '2026-11-22T08:00:00.000Z'
      const page = (await call.get(`subjects?since=${since}&limit=4`)).json
      expect([page.data.length, page.has_more]).toEqual([30, false])
      const orders = new Set<string>()
      for (let n = 0; n < 20; n++) {
        const told = (await call.get(`subjects?since=${since}`)).json.data
        orders.add(told.map((row: { id: string }) => row.id).join())
      }
      expect(orders.size).toBeGreaterThan(1)
      await call.post('subjects', { email: 'late@example.com' })
      const again = await call.feed('subjects', page.next_since)
      expect(again.rows.map(row => row.email)).toContain('late@example.com')
      // More of one millisecond than a page holds does not keep a follower there.
      clock.ms += 1
      await call.post('subjects', { email: 'next@example.com' })
      const beyond = await call.feed('subjects', page.next_since, 4)
      expect(beyond.rows.map(row => row.email)).toContain('next@example.com')
    }))

  it('tells of the deleted for 30 days; an older cursor has missed some and is turned away', () =>
    withSandbox(async ({ call, clock }) => {
      await people(call, clock, 1, 2)
      const { next } = await call.feed('subjects', '2026-11-22T08:00:00.000Z')
      clock.ms += 1
      expect((await call.send('DELETE', 'subjects/sub_000001')).status).toBe(204)
      clock.days(29)
      const subjects = await call.feed('subjects', next)
      const tombstone = { object: 'subject', id: 'sub_000001', deleted: true, version: 2 }
      expect(subjects.rows.find(row => row.deleted)).toMatchObject(tombstone)
      expect(JSON.stringify(subjects.rows.find(row => row.deleted))).not.toContain('example.com')
      expect((await call.feed('consents', next)).rows).toMatchObject([
        { id: 'con_000002' },
        { id: 'con_000001', deleted: true },
      ])
      expect((await call.get('subjects/sub_000001')).json.error.code).toBe('gone')
      expect((await call.get('subjects?ids=sub_000001,sub_000002')).json.data).toHaveLength(1)
      clock.days(2)
      const late = await call.get(`consents?since=${next}`)
      expect([late.status, late.json.error.code]).toEqual([410, 'cursor_expired'])
      expect((await call.feed('subjects', subjects.next)).rows.some(row => row.deleted)).toBe(false)
      expect((await call.get('consents?since=nonsense')).json.error.code).toBe('invalid_cursor')
    }))
})

describe('people', () => {
  it('sign up, change their mind and their address, and are forgotten by the privacy officer', () =>
    withSandbox(async ({ call, url }) => {
      const signed = await door(url, 'person/sign-up', { email: 'bo@example.com', purposes: ['newsletter', 'phone'] })
      expect(signed.answer.consents).toMatchObject([{ status: 'granted' }, { status: 'granted' }])
      await door(url, 'person/withdraw', { email: 'bo@example.com', purpose: 'phone' })
      await door(url, 'person/change-email', { email: 'bo@example.com', to: 'beau@example.com' })
      expect((await call.get('consents?subject_id=sub_000001&purpose=phone')).json.data).toMatchObject([
        { status: 'withdrawn', source: 'unsubscribe link', updated_by: 'person' },
      ])
      const all = await door(url, 'officer/withdraw', { email: 'beau@example.com' })
      expect(all.answer.consents).toMatchObject([{ status: 'withdrawn' }, { status: 'withdrawn' }])
      expect((await door(url, 'officer/erase', { email: 'beau@example.com' })).answer).toEqual({ erased: 'sub_000001' })
      expect((await door(url, 'officer/withdraw', { email: 'beau@example.com' })).status).toBe(404)
      expect((await call.get('subjects')).json.data).toEqual([])
      expect((await door(url, 'person/grant', { email: 'x@example.com', purpose: 'fax' })).status).toBe(404)
      expect((await door(url, 'person/dance', {})).answer.error.message).toContain('person/sign-up')
    }))
})
