// The feed through the connector: what changed is told once, also over a restart, and a cursor that is too old is lost.
import { CursorLost } from '@plumbline/sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listen, type Service, startService, until } from './support.ts'

let service: Service
beforeEach(async () => {
  service = await startService({ requestsPerSecond: 10_000 })
})
afterEach(() => service.close())

test('changes are told once each although the service repeats them, deletions too', async () => {
  const ear = listen(service.api)
  await until(() => ear.cursor() !== undefined)
  await service.door('person/sign-up', { email: 'ada@example.com', purposes: ['newsletter', 'phone'] })
  await until(() => ear.heard.length === 3)
  await service.door('person/withdraw', { email: 'ada@example.com', purpose: 'phone' })
  await until(() => ear.heard.length === 4)
  await service.door('officer/erase', { email: 'ada@example.com' })
  await until(() => ear.heard.length === 7)
  await ear.stop()
  expect(ear.heard.map(({ object, kind }) => `${object} ${kind}`).sort()).toEqual([
    'Consent gone',
    'Consent gone',
    'Consent seen',
    'Consent seen',
    'Consent seen',
    'Subject gone',
    'Subject seen',
  ])
  expect(ear.heard[3]).toMatchObject({ fields: { purpose: 'phone', status: 'withdrawn' }, by: 'person' })
  const versions = ear.heard.map(({ id, position }) => `${id} ${position.seq}`)
  expect(new Set(versions).size).toBe(7)
})

test('a crowd within one millisecond is heard whole, whatever the order', async () => {
  const ear = listen(service.api)
  await until(() => ear.cursor() !== undefined)
  await Promise.all(
    Array.from({ length: 450 }, (_, n) => service.door('person/sign-up', { email: `p${n}@example.com` })),
  )
  await until(() => new Set(ear.heard.map(({ id }) => id)).size === 450)
  await ear.stop()
})

test('it goes on where it stood, and what happened meanwhile is told', async () => {
  const first = listen(service.api)
  await until(() => first.cursor() !== undefined)
  await service.door('person/sign-up', { email: 'ada@example.com' })
  await until(() => first.heard.length === 1)
  const cursor = await first.stop()
  await service.door('person/sign-up', { email: 'bo@example.com' })
  service.clock.days(29)
  const second = listen(service.api, cursor)
  await until(() => second.heard.some(({ fields }) => fields.email === 'bo@example.com'))
  await second.stop()
})

test('a cursor that is too old, or no cursor at all, is lost and says so', async () => {
  const ear = listen(service.api)
  await until(() => ear.cursor() !== undefined)
  const cursor = await ear.stop()
  service.clock.days(31)
  await expect(listen(service.api, cursor).broke).rejects.toThrow(CursorLost)
  await expect(listen(service.api, 'scribble').broke).rejects.toThrow(CursorLost)
  await expect(listen(service.api, '{"Subject":"scribble","Consent":"scribble"}').broke).rejects.toThrow(CursorLost)
})

test('a service that is down breaks the feed, which says that nobody gets an answer', async () => {
  const ear = listen(service.api)
  await until(() => ear.cursor() !== undefined)
  await service.faults({ unavailable: {} })
  await expect(ear.broke).rejects.toMatchObject({ name: 'Unavailable', systemIsDown: true })
})
