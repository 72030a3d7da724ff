// People and consents through the connector: read, listed, created once, changed, and the four ends of a write.
import { Refused, Unavailable } from '@plumbline/sdk'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { given, native, newSubject, type Service, startService, subjects, write } from './support.ts'

let service: Service
beforeAll(async () => {
  service = await startService({ requestsPerSecond: 10_000 })
})
afterEach(() => service.calm())
afterAll(() => service.close())

const created = async (key: string) => {
  const end = await write(service.api, subjects, newSubject(key))
  if (end.end !== 'written') throw new Error(JSON.stringify(end))
  return end
}

describe('reading', () => {
  test('whole records by id, without those that do not exist or were deleted', async () => {
    const { id, native: fields } = await created('ada')
    await service.door('person/sign-up', { email: 'gone@example.com', purposes: ['phone'] })
    const all = (await subjects.list?.(service.api))?.records ?? []
    await service.door('officer/erase', { email: 'gone@example.com' })
    const found = await subjects.read?.(service.api, [...all.map(one => one.id), native('sub_999999')])
    expect(found).toMatchObject([{ object: 'Subject', id, kind: 'seen', mask: 'all', fields, by: 'integration' }])
    expect(found?.[0]?.fields).toEqual({
      id,
      email: 'ada@example.com',
      first_name: null,
      last_name: 'Byron',
      external_id: 'ada',
    })
  })

  test('all of them, page by page', async () => {
    for (let n = 0; n < 205; n++) await service.door('person/sign-up', { email: `page${n}@example.com` })
    const first = await subjects.list?.(service.api)
    const second = await subjects.list?.(service.api, first?.next)
    expect(first?.records).toHaveLength(200)
    expect(second?.next).toBeUndefined()
    const emails = [...(first?.records ?? []), ...(second?.records ?? [])].map(({ fields }) => fields.email)
    expect(emails.filter(email => String(email).startsWith('page'))).toHaveLength(205)
  })

  test('what changed since a time, the deleted among it', async () => {
    const since = service.clock.now()
    await service.door('person/sign-up', { email: 'bo@example.com', purposes: ['newsletter', 'phone'] })
    await service.door('person/withdraw', { email: 'bo@example.com', purpose: 'phone' })
    const changed = await given.changed?.(service.api, since)
    expect(changed?.records.map(({ fields }) => [fields.purpose, fields.status]).sort()).toEqual([
      ['newsletter', 'granted'],
      ['phone', 'withdrawn'],
    ])
    await service.door('officer/erase', { email: 'bo@example.com' })
    const gone = await given.changed?.(service.api, since)
    expect(gone?.records.map(({ kind, fields }) => [kind, fields])).toEqual([
      ['gone', {}],
      ['gone', {}],
    ])
    // Nobody tells of what is older than 30 days: the list alone shows it.
    expect(await given.changed?.(service.api, since - 31 * 86_400_000)).toEqual({ records: [] })
  })

  test('what is no answer of the service is never read as "there is none"', async () => {
    await service.faults({ maintenancePage: {} })
    await expect(subjects.list?.(service.api)).rejects.toThrow(Unavailable)
    await service.faults({ truncatedBody: { how: 'cut' } })
    await expect(subjects.read?.(service.api, [native('sub_000001')])).rejects.toThrow('cut short')
    await service.faults({ unavailable: {} })
    await expect(subjects.list?.(service.api)).rejects.toMatchObject({ systemIsDown: true })
  })
})

describe('writing', () => {
  test('a create is done once, however often it is sent, and answers as what the service made of it', async () => {
    const first = await created('once')
    const again = await created('once')
    expect(again).toEqual(first)
    expect(first).toMatchObject({ end: 'written', position: { seq: 1 }, native: { email: 'once@example.com' } })
    const journal = await service.journal('subject')
    expect(journal.filter(({ fields }) => fields.external_id === 'once')).toHaveLength(1)
  })

  test('a create whose answer was lost is found, also when the record was changed before it is sent again', async () => {
    await service.faults({ commitThenDrop: { match: 'POST ' } })
    const lost = await write(service.api, subjects, newSubject('lost'))
    expect(lost).toMatchObject({ end: 'unknown', reason: expect.stringContaining('no answer came') })
    await service.calm()
    const other = await write(service.api, subjects, newSubject('lost', { last_name: 'King' }))
    expect(other).toMatchObject({ end: 'written', native: { external_id: 'lost', last_name: 'Byron' } })
    expect(await subjects.find?.(service.api, [newSubject('lost'), newSubject('never')])).toMatchObject([
      [{ id: other.end === 'written' ? other.id : '' }],
      [],
    ])
    // After a day the service has forgotten the key.
    service.clock.days(2)
    expect(await write(service.api, subjects, newSubject('lost'))).toMatchObject({ end: 'written' })
    expect((await service.journal('subject')).filter(({ fields }) => fields.external_id === 'lost')).toHaveLength(1)
  })

  test('a change is for the version that was read; another meanwhile sends it back to be read', async () => {
    const { id, token } = await created('version')
    const renamed = { key: 'k1', id, token, fields: { last_name: 'King' }, lists: {} }
    const done = await write(service.api, subjects, renamed)
    expect(done).toMatchObject({ end: 'written', native: { last_name: 'King' }, position: { seq: 2 } })
    const late = await write(service.api, subjects, { ...renamed, fields: { last_name: 'Lovelace' } })
    expect(late).toMatchObject({ end: 'unavailable', retryAfterMs: 0 })
    const [now] = (await subjects.read?.(service.api, [id])) ?? []
    expect(now?.token).toBe(done.end === 'written' && done.token)
  })

  test('a consent is created and withdrawn', async () => {
    const { id } = await created('agrees')
    const fields = { subject_id: id, purpose: 'phone', status: 'granted', source: 'fair' }
    const end = await write(service.api, given, { key: 'c1', fields, lists: {} })
    if (end.end !== 'written') throw new Error(JSON.stringify(end))
    expect(end.native).toMatchObject({ legal_basis: 'consent', status: 'granted' })
    const change = { key: 'c2', id: end.id, token: end.token, fields: { status: 'withdrawn' }, lists: {} }
    expect(await write(service.api, given, change)).toMatchObject({ end: 'written', native: { status: 'withdrawn' } })
  })

  test('what the service will not have is refused in its words, with something to do', async () => {
    await created('taken')
    const namesake = await write(service.api, subjects, newSubject('other', { email: 'taken@example.com' }))
    expect(namesake).toMatchObject({ end: 'refused', todo: expect.stringContaining('merge') })
    const nobody = await write(service.api, subjects, newSubject('nobody', { email: null }))
    expect(nobody).toMatchObject({ end: 'refused', reason: expect.stringContaining('has an e-mail address') })
    const { id } = await created('forgotten')
    await service.door('officer/erase', { email: 'forgotten@example.com' })
    const late = await write(service.api, subjects, { key: 'k', id, fields: { last_name: 'X' }, lists: {} })
    expect(late).toMatchObject({ end: 'refused', reason: expect.stringContaining('was deleted') })
    expect(await write(service.api, subjects, { key: 'k', id, fields: {}, lists: {}, close: true })).toMatchObject({
      end: 'refused',
      todo: expect.stringContaining('privacy officer'),
    })
  })

  test('time decides when the service is down, asks for patience or does not let us in', async () => {
    const end = () => write(service.api, subjects, newSubject('later'))
    await service.faults({ requestLimit: { retryAfterSeconds: 7 } })
    expect(await end()).toMatchObject({ end: 'unavailable', retryAfterMs: 7_000, systemIsDown: true })
    await service.faults({ refused: {} })
    expect(await end()).toMatchObject({
      end: 'unavailable',
      systemIsDown: true,
      reason: expect.stringContaining('401'),
    })
    // A proxy may say so after it had passed a create on.
    await service.faults({ unavailable: {} })
    expect(await end()).toMatchObject({ end: 'unknown', systemIsDown: true })
    await service.faults({ maintenancePage: {} })
    expect(await end()).toMatchObject({ end: 'unknown', systemIsDown: true })
    const away = await service.connect({ url: 'http://nowhere.invalid' })
    expect(await write(away, subjects, newSubject('away'))).toMatchObject({ end: 'unavailable', systemIsDown: true })
    const late = { ...newSubject('late'), mayStillSend: () => false }
    expect(await write(service.api, subjects, late)).toMatchObject({ end: 'unavailable' })
    const names = (await service.journal('subject')).map(({ fields }) => fields.external_id)
    expect(names.filter(name => name === 'late' || name === 'later')).toEqual([])
  })

  test('a read that is refused is thrown', async () => {
    const strange = await service.connect({ key: 'wrong' })
    await expect(subjects.list?.(strange)).rejects.toThrow('Check the API key')
    await expect(subjects.list?.(service.api, 'nonsense')).rejects.toThrow(Refused)
  })
})
