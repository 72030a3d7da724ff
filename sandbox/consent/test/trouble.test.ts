// What goes wrong: restarts, torn journals, replies that never come, commits that come late, keys that are revoked.
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { startConsentSandbox } from '../src/index.ts'
import { Caller, door, type Loose, newFolder, withSandbox } from './caller.ts'

const ada = { email: 'ada@example.com', external_id: 'crm-1' }

describe('restarting', () => {
  it('keeps records, keys and the feed, and cuts off a torn last line', async () => {
    const dataFolder = newFolder()
    const first = await startConsentSandbox({ port: 0, dataFolder })
    const call = new Caller(first.url)
    const { json: subject } = await call.post('subjects', ada, 'k1')
    await call.post('consents', { subject_id: subject.id, purpose: 'phone', status: 'granted' })
    await door(first.url, 'person/sign-up', { email: 'bo@example.com', purposes: ['newsletter'] })
    await door(first.url, 'officer/erase', { email: 'bo@example.com' })
    const since = new Date(Date.now() - 60_000).toISOString()
    const lists = async (caller: Caller) => [
      (await caller.get('subjects')).json,
      (await caller.get('consents')).json,
      (await caller.feed('consents', since)).rows.sort((a, b) => a.id.localeCompare(b.id)),
    ]
    const before = await lists(call)
    const journal = (await door(first.url, 'journal')).answer
    await first.close()
    appendFileSync(join(dataFolder, 'journal.jsonl'), '{"at":1,"by":"integration","changes":[["subj')

    const second = await startConsentSandbox({ port: 0, dataFolder })
    const again = new Caller(second.url)
    expect(await lists(again)).toEqual(before)
    expect((await door(second.url, 'journal')).answer).toEqual(journal)
    expect((await again.post('subjects', ada, 'k1')).json).toEqual(subject)
    expect((await again.post('subjects', ada)).json.error.code).toBe('email_taken')
    expect((await again.post('subjects', { email: 'bo@example.com' })).json.id).toBe('sub_000003')
    await second.close()
  })

  it('says in the journal who did what', () =>
    withSandbox(async ({ call, url }) => {
      await call.post('subjects', ada)
      await door(url, 'person/grant', { email: ada.email, purpose: 'phone' })
      await door(url, 'officer/withdraw', { email: ada.email, purpose: 'phone' })
      await door(url, 'officer/erase', { email: ada.email })
      const { entries, last } = (await door(url, 'journal')).answer
      expect(entries.map(({ n, kind, object, by }: Loose) => [n, kind, object, by])).toEqual([
        [1, 'create', 'subject', 'integration'],
        [2, 'create', 'consent', 'person'],
        [3, 'update', 'consent', 'officer'],
        [4, 'delete', 'consent', 'officer'],
        [5, 'delete', 'subject', 'officer'],
      ])
      expect(entries[2].fields).toMatchObject({ status: 'withdrawn', source: 'privacy officer' })
      expect((await door(url, `journal?after=${last}`)).answer.entries).toEqual([])
      expect((await door(url, 'journal?object=subject')).answer.entries).toHaveLength(2)
      expect((await door(url, 'journal?after=x')).status).toBe(400)
    }))
})

describe('faults', () => {
  const faults = (url: string, body: object) => door(url, 'faults', body, 'PUT')

  it('commits and then drops the reply; the same key finds what was done', () =>
    withSandbox(async ({ call, url }) => {
      await faults(url, { commitThenDrop: { rate: 1, match: 'POST /v1/subjects$' } })
      await expect(call.post('subjects', ada, 'k1')).rejects.toThrow()
      expect((await door(url, 'faults')).answer.fired).toEqual({ commitThenDrop: 1 })
      await door(url, 'faults', undefined, 'DELETE')
      expect((await call.post('subjects', ada, 'k1')).headers.get('idempotency-replayed')).toBe('true')
      expect((await door(url, 'journal')).answer.entries).toHaveLength(1)
    }))

  it('drops the connection and commits later', () =>
    withSandbox(async ({ call, url }) => {
      await faults(url, { dropThenCommit: { rate: 1, delayMs: 60 } })
      await expect(call.post('subjects', ada, 'k1')).rejects.toThrow()
      const last = async (): Promise<number> => (await door(url, 'journal')).answer.last
      while ((await last()) === 0) await sleep(10)
      expect((await call.get('subjects')).json.data).toMatchObject([ada])
    }))

  it('refuses keys, is down, is called too often, shows a page, and cuts answers short', () =>
    withSandbox(async ({ call, url, clock }) => {
      await faults(url, { refused: { forMs: 1_000 } })
      expect((await call.get('subjects')).json.error).toMatchObject({ code: 'unauthorized' })
      clock.ms += 1_000
      expect((await call.get('subjects')).status).toBe(200)
      await faults(url, { unavailable: { retryAfterSeconds: 7, match: 'GET ' } })
      const down = await call.get('subjects')
      expect([down.status, down.headers.get('retry-after'), String(down.json).slice(0, 9)]).toEqual([
        503,
        '7',
        '<!DOCTYPE',
      ])
      expect((await call.post('subjects', ada)).status).toBe(201)
      await faults(url, { requestLimit: {} })
      const limited = await call.get('subjects')
      expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '1'])
      await faults(url, { maintenancePage: {} })
      expect((await call.get('subjects')).json).toContain('maintenance')
      await faults(url, { truncatedBody: { how: 'broken' } })
      await expect(call.get('subjects')).rejects.toThrow()
      await faults(url, { truncatedBody: { how: 'cut' } })
      await expect(call.get('subjects')).rejects.toThrow(SyntaxError)
      expect((await faults(url, { hiccups: {} })).answer.error.message).toContain('commitThenDrop')
    }))

  it('has switches under names that people understand', () =>
    withSandbox(async ({ call, url }) => {
      const turn = (name: string, on: boolean) => door(url, `switches/${name}`, { on }, 'PUT')
      expect((await turn('down', true)).answer).toMatchObject({ switch: 'down', label: 'Down', on: true })
      expect((await call.get('subjects')).status).toBe(503)
      await turn('down', false)
      await turn('key-revoked', true)
      expect((await call.get('subjects')).status).toBe(401)
      expect((await turn('sideways', true)).status).toBe(404)
      await door(url, 'faults', undefined, 'DELETE')
      const all = (await door(url, 'switches')).answer
      expect(all.every(({ on }: Loose) => on === false)).toBe(true)
    }))
})
