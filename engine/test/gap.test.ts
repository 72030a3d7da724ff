// What was not heard: a subscriber that was away for longer than events are kept, a place that is no longer known, changes of
// which events say no more than that they happened. Afterwards nothing is missing, and one incident tells the story.
import { afterEach, expect, test } from 'vitest'
import type { ComparisonLine } from '../src/index.ts'
import { type Json, type Parted, startParted } from './parted.ts'
import { until } from './world.ts'

let world: Parted | undefined
afterEach(async () => {
  await world?.close()
  world = undefined
})

const hour = 3_600_000

async function pass(w: Parted, hours: number): Promise<void> {
  await w.inSalesforce('POST', 'clock', { forwardMs: hours * hour })
  await w.login()
}

const comparisons = async (w: Parted): Promise<ComparisonLine[]> => (await w.get('/api/comparisons')).comparisons

/** The one gap there was, once it has ended. */
const closedGap = (w: Parted): Promise<ComparisonLine> =>
  until(async () => {
    const [gap, ...others] = (await comparisons(w)).filter(one => one.kind !== 'sweep')
    expect(others).toEqual([])
    return gap?.state === 'ended' ? gap : undefined
  }, 90_000)

/** Every record of the org against what is held of it, in both directions; answers what is wrong. */
async function missing(w: Parted): Promise<string[]> {
  const wrong: string[] = []
  for (const [object, fields] of [
    ['Account', ['Name', 'AccountNumber']],
    ['Opportunity', ['Name', 'StageName', 'AccountId']],
  ] as const) {
    const { records } = await w.org.query<Json>(`SELECT Id, ${fields.join(', ')} FROM ${object}`, { autoFetch: true })
    const held = await w.db.query<{ native_id: string; native: Json; gone: boolean }>(
      "select native_id, native, gone from holding where system = 'sales' and object = $1",
      [object],
    )
    const byId = new Map(held.map(one => [one.native_id, one]))
    for (const record of records) {
      const known = byId.get(record.Id)
      byId.delete(record.Id)
      for (const field of fields)
        if (!known || known.gone || (known.native[field] ?? null) !== (record[field] ?? null))
          wrong.push(`${object} ${record.Id} ${field}: ${record[field]}, held ${known?.native[field]} ${known?.gone}`)
    }
    for (const [id, one] of byId) if (!one.gone) wrong.push(`${object} ${id} is held and is not there`)
  }
  return wrong
}

test('away for 80 hours, with edits, deletions, merges and an overflow, and killed while it catches up', async () => {
  const w = await startParted({ crm: 'close' })
  world = w
  await w.start()
  const names = Array.from({ length: 24 }, (_, i) => `Customer ${i}`)
  const numbers = await Promise.all(names.slice(0, 8).map(name => w.customer(name)))
  const accounts: string[] = []
  for (const [i, name] of names.entries())
    accounts.push(await w.create('Account', { Name: name, ...(numbers[i] && { AccountNumber: numbers[i] }) }))
  const deals: string[] = []
  for (let i = 0; i < 6; i++) deals.push(await w.deal(`Deal ${i}`, accounts[i]))
  const at = (i: number): string => accounts[i] ?? ''
  await Promise.all(numbers.map((number, i) => w.known(at(i), number)))
  await until(async () => (await missing(w)).length === 0)
  await w.stop()

  // Long ago, beyond what events are kept for.
  await pass(w, 2)
  await w.org.sobject('Account').update({ Id: at(0), Name: 'Renamed early' })
  await w.org.sobject('Account').destroy(at(1))
  await w.org.sobject('Account').destroy(at(10))
  await w.org.soap.emptyRecycleBin([at(10)])
  await w.org.soap.merge({ masterRecord: { type: 'Account', Id: at(11) }, recordToMergeIds: [at(2)] } as Json)
  await w.org.sobject('Opportunity').update({ Id: deals[0] ?? '', StageName: 'Closed Won' })
  await w.create('Account', { Name: 'New early' })
  const archived = numbers[7] ?? ''
  await w.inS4('clerk/archive', { customer: archived })
  await w.renamePartner(numbers[6] ?? '', 'By the ERP')
  const fresh = await w.customer('New in the ERP')
  // Later, and more at once than events tell.
  await pass(w, 40)
  await w.inSalesforce('PUT', 'faults', { events: { overflowAbove: 5 } })
  await w.org.sobject('Account').update(accounts.slice(14, 22).map((Id, i) => ({ Id, Name: `Overflown ${i}` })))
  await w.inSalesforce('DELETE', 'faults')
  await w.org.sobject('Account').update({ Id: at(3), Name: 'Renamed late' })
  await w.org.soap.merge({ masterRecord: { type: 'Account', Id: at(12) }, recordToMergeIds: [at(4)] } as Json)
  await w.org.sobject('Account').destroy([at(13), at(5)])
  await w.org.soap.undelete([at(13)])
  await pass(w, 38)
  await w.deal('Deal late', at(6), 'Closed Won')

  // Each call takes its time, and the process dies before it has caught up.
  await w.inSalesforce('PUT', 'faults', { latency: { ms: 700, match: '/query' } })
  await w.startElsewhere()
  await until(async () => {
    const [row] = await w.db.query<{ progress: Record<string, Json> }>('select progress from comparison')
    return Object.values(row?.progress ?? {}).some(one => one.read > 0 && one.phase !== 'done')
  }, 60_000)
  await w.kill()
  const before = await w.db.query<{ n: number }>('select count(*)::int as n from comparison where ended_at is null')
  expect(before).toEqual([{ n: 1 }])
  await w.start()
  const health = await w.get('/healthz')
  expect(health).toMatchObject({ status: 'ready', catchingUp: [expect.stringContaining('sales was not heard')] })
  const line = (await w.problems()).filter(one => one.kind === 'gap')
  expect(line).toMatchObject([{ what: 'Changes that sales did not tell', system: 'sales' }])
  await w.inSalesforce('DELETE', 'faults')

  const gap = await closedGap(w)
  expect(gap.story).toMatch(/sales was not heard.*replayid\.corrupted/s)
  expect(gap.story).toMatch(/more changed of Account than sales can tell/)
  expect(gap).toMatchObject({ kind: 'lost', system: 'sales', state: 'ended' })
  expect(gap.found.gone).toBeGreaterThan(0)
  expect(await missing(w)).toEqual([])
  expect((await w.sweep('sales', { preview: true })).found).toMatchObject({ changed: 0, unknown: 0, gone: 0 })

  // Merged ones lead to their survivors; what was accepted meanwhile is followed, once.
  expect(await w.refOf('sales', 'Account', at(2))).toBe(await w.refOf('sales', 'Account', at(11)))
  expect(await w.refOf('sales', 'Account', at(4))).toBe(await w.refOf('sales', 'Account', at(12)))
  const { journeys } = await w.get('/api/journeys')
  expect(journeys.map((one: Json) => one.title).sort()).toEqual(['Deal Deal 0', 'Deal Deal late'])

  // The ERP is as the CRM wants it, and each partner was written once.
  const wanted = { 0: 'Renamed early', 2: 'Customer 11', 3: 'Renamed late', 4: 'Customer 12', 6: 'Customer 6' }
  for (const [i, name] of Object.entries(wanted))
    await until(async () => (await w.partner(numbers[Number(i)] ?? '')).OrganizationBPName1 === name)
  for (const i of [1, 5]) await until(async () => (await w.partner(numbers[i] ?? '')).BusinessPartnerIsBlocked === true)
  const writes = (await w.journal(w.s4)).filter(one => one.object === 'A_BusinessPartner' && one.kind === 'update')
  // Ours, and the one by which it was renamed in the ERP.
  expect(writes).toHaveLength(7 + 1)
  await until(async () => w.refOf('s4', 'BusinessPartner', fresh))
  expect((await w.sweep('s4')).found).toMatchObject({ gone: 1, changed: 0, unknown: 0 })
  expect((await w.eventsOf('record.gone')).some(event => event.data.system === 's4')).toBe(true)
  expect((await w.sweep('s4', { preview: true })).found).toMatchObject({ gone: 0, changed: 0, unknown: 0 })

  await until(async () => (await w.eventsOf('gap.closed')).length === 1)
  expect(await w.eventsOf('gap.opened')).toHaveLength(1)
  expect((await w.problems()).filter(one => one.kind !== 'journey')).toEqual([])
  expect(await w.get('/healthz')).toEqual({ status: 'ready' })
}, 240_000)

test('a place that makes no sense opens a gap, and what was changed meanwhile is brought in', async () => {
  const w = await startParted({})
  world = w
  await w.start()
  const account = await w.create('Account', { Name: 'Acme' })
  await until(async () => (await missing(w)).length === 0 && w.refOf('sales', 'Account', account))
  await w.stop()
  await w.org.sobject('Account').update({ Id: account, Name: 'Acme AG' })
  await w.db.query("update feed set cursor = 'AAAA' where system = 'sales'")
  await w.db.query("update feed set cursor = 'nonsense' where system = 's4'")
  await w.start()
  const ended = await until(async () => {
    const all = await comparisons(w)
    return all.length === 2 && all.every(one => one.state === 'ended') ? all : undefined
  }, 60_000)
  expect(ended.map(one => one.system).sort()).toEqual(['s4', 'sales'])
  expect(ended.find(one => one.system === 'sales')?.reason).toContain('replayid.validation.failed')
  expect(await missing(w)).toEqual([])
}, 120_000)

test('an event that says only that something happened makes the record be read; an overflow, its object', async () => {
  const w = await startParted({ crm: 'close' })
  world = w
  await w.start()
  const number = await w.customer('Acme')
  const account = await w.create('Account', { Name: 'Acme', AccountNumber: number })
  const other = await w.create('Account', { Name: 'Other' })
  await w.known(account, number)
  await w.inSalesforce('PUT', 'faults', { events: { gapRate: 1 } })
  await w.create('Account', { Name: 'Created' })
  await w.org.sobject('Account').update({ Id: account, Name: 'Acme AG' })
  await w.org.sobject('Account').destroy(other)
  await until(async () => (await missing(w)).length === 0)
  await until(async () => (await w.partner(number)).OrganizationBPName1 === 'Acme AG')
  await w.org.soap.undelete([other])
  await until(async () => (await missing(w)).length === 0)
  expect(await comparisons(w)).toEqual([])

  await w.inSalesforce('PUT', 'faults', { events: { overflowAbove: 2 } })
  await w.org.sobject('Account').create(['A', 'B', 'C'].map(Name => ({ Name })))
  const gap = await closedGap(w)
  expect(gap).toMatchObject({ kind: 'overflow', objects: ['Account'], found: { unknown: 3 } })
  expect(await missing(w)).toEqual([])
}, 120_000)
