// What disappears from one system, as its contract says for the others; what comes back; what is merged; what no event told.
import { afterEach, expect, test } from 'vitest'
import { type Json, type Parted, startParted } from './parted.ts'
import { until } from './world.ts'

let world: Parted | undefined
afterEach(async () => {
  await world?.close()
  world = undefined
})
const begin = async (gone: Parameters<typeof startParted>[0] = {}): Promise<Parted> => {
  world = await startParted(gone)
  await world.start()
  return world
}

/** A customer that both systems know. */
async function acme(of: Parted, name = 'Acme'): Promise<{ account: string; number: string; ref: string }> {
  const number = await of.customer(name)
  const account = await of.create('Account', { Name: name, AccountNumber: number })
  return { account, number, ref: await of.known(account, number) }
}

test('deleted and ignored: nothing happens elsewhere, it is not made anew, and it comes back as what it was', async () => {
  const w = await begin({ crm: 'ignore' })
  const { account, number, ref } = await acme(w)
  await w.org.sobject('Account').destroy(account)
  const [gone] = await until(async () => {
    const events = await w.eventsOf('record.gone')
    return events.length > 0 ? events : undefined
  })
  expect(gone).toMatchObject({ subject: ref, data: { system: 'sales', word: 'ignore', title: 'Customer Acme' } })

  // The ERP goes on with it; nobody brings it back into the CRM.
  await w.inS4('customers', { name: 'Beta', country: 'DE', currency: 'EUR' })
  expect((await w.partner(number)).BusinessPartnerIsBlocked).toBe(false)
  await w.org.soap.undelete([account])
  await until(async () => (await w.eventsOf('record.returned')).length === 1)
  await w.org.sobject('Account').update({ Id: account, Name: 'Acme AG' })
  await until(async () => (await w.partner(number)).OrganizationBPName1 === 'Acme AG')
  expect(await w.refOf('sales', 'Account', account)).toBe(ref)
  const accounts = (await w.journal(w.salesforce)).filter(one => one.object === 'Account' && one.kind === 'create')
  expect(accounts).toHaveLength(1)
  expect(await w.problems()).toEqual([])
})

test('deleted and closed: S/4HANA blocks the partner', async () => {
  const w = await begin({ crm: 'close' })
  const { account, number } = await acme(w)
  await w.org.sobject('Account').destroy(account)
  await until(async () => (await w.partner(number)).BusinessPartnerIsBlocked === true)
  expect(await w.problems()).toEqual([])
})

test('deleted and archived: an edit in the other system stays as it is, nothing is brought anywhere', async () => {
  const w = await begin({ crm: 'archive' })
  const { account, number } = await acme(w)
  const other = await acme(w, 'Other')
  await w.org.sobject('Account').destroy(account)
  await until(async () => (await w.eventsOf('record.gone')).length === 1)
  const [gone] = await w.eventsOf('record.gone')
  expect(gone.data.word).toBe('archive')
  // Another name is put right where the CRM still has the customer, and stays where it is archived.
  await w.renamePartner(number, 'Acme by the ERP')
  await w.renamePartner(other.number, 'Other by the ERP')
  await until(async () => (await w.partner(other.number)).OrganizationBPName1 === 'Other')
  await until(async () => (await w.get('/api/systems')).systems.every((one: Json) => one.now.queue === 0))
  expect((await w.partner(number)).OrganizationBPName1).toBe('Acme by the ERP')
  expect(await w.problems()).toEqual([])
})

test('an ERP customer that an archiving run took away is found by the sweep, and the account is deleted', async () => {
  const w = await begin({ erp: 'propagate' })
  const { account, number } = await acme(w)
  await w.inS4('clerk/archive', { customer: number })

  const preview = await w.sweep('s4', { preview: true })
  expect(preview.found).toMatchObject({ gone: 1, changed: 0, unknown: 0 })
  expect((await w.org.query(`SELECT Id FROM Account WHERE Id = '${account}'`)).totalSize).toBe(1)

  const swept = await w.sweep('s4', { object: 'BusinessPartner' })
  expect(swept).toMatchObject({ kind: 'sweep', askedBy: 'test', found: { gone: 1 } })
  await until(async () => (await w.org.query(`SELECT Id FROM Account WHERE Id = '${account}'`)).totalSize === 0)
  // Our own deletion comes back as an event, and is no news.
  await until(async () => (await w.sweep('s4', { preview: true })).found.gone === 0)
  expect((await w.eventsOf('record.gone')).map(event => event.data.system)).toEqual(['s4'])
  expect(await w.problems()).toEqual([])
})

test('gone in the ERP and closed: the account says so', async () => {
  const w = await begin({ erp: 'close' })
  const { account, number } = await acme(w)
  await w.inS4('clerk/archive', { customer: number })
  await w.sweep('s4')
  await until(async () => (await w.org.sobject('Account').retrieve(account)).Closed__c === 'yes')
})

test('what no event told: hard deleted, created and changed in silence, all found by one sweep, and none by the next', async () => {
  const w = await begin({ crm: 'close' })
  const { account, number } = await acme(w)
  const other = await acme(w, 'Other')
  await w.inSalesforce('PUT', 'faults', { events: { lostRate: 1 } })
  await w.org.sobject('Account').destroy(account)
  await w.org.soap.emptyRecycleBin([account])
  await w.org.sobject('Account').update({ Id: other.account, Name: 'Other AG' })
  const silent = await w.create('Account', { Name: 'Silent' })
  await w.inSalesforce('DELETE', 'faults')

  const swept = await w.sweep('sales')
  expect(swept.found).toMatchObject({ gone: 1, changed: 1, unknown: 1 })
  await until(async () => (await w.partner(number)).BusinessPartnerIsBlocked === true)
  await until(async () => (await w.partner(other.number)).OrganizationBPName1 === 'Other AG')
  expect((await w.fieldsOf((await w.refOf('sales', 'Account', silent)) ?? '')).name).toBe('Silent')
  expect((await w.sweep('sales')).found).toMatchObject({ gone: 0, changed: 0, unknown: 0 })
})

test('a journey that waits on a deal says that it was deleted, and goes on when it is back', async () => {
  const w = await begin()
  const account = await w.create('Account', { Name: 'Acme' })
  const deal = await w.deal('Big', account)
  await until(async () => w.refOf('sales', 'Opportunity', deal))
  await w.org.sobject('Opportunity').update({ Id: deal, StageName: 'Closed Won' })
  await until(async () => (await w.get('/api/journeys')).journeys.length === 1)

  await w.org.sobject('Opportunity').destroy(deal)
  const problem = await until(async () => (await w.problems()).find(one => one.kind === 'journey'))
  expect(problem.reason).toBe('Deal Big is waited for, and has disappeared from sales')

  await w.org.soap.undelete([deal])
  await until(async () => (await w.problems()).length === 0)
  await w.org.sobject('Opportunity').update({ Id: deal, StageName: 'Closed Lost' })
  const journey = await until(async () => {
    const [one] = (await w.get('/api/journeys')).journeys
    return one?.state === 'done' ? one : undefined
  })
  expect(journey.title).toBe('Deal Big')
})

test('a merge: the loser leads to the survivor, its number and its deals go along, nothing is doubled', async () => {
  const w = await begin({ crm: 'close' })
  const { account: loser, number, ref: lost } = await acme(w)
  const winner = await w.create('Account', { Name: 'Acme Group' })
  const deal = await w.deal('Big', loser)
  const kept = await until(async () => w.refOf('sales', 'Account', winner))
  await until(async () => w.refOf('sales', 'Opportunity', deal))

  await w.org.soap.merge({
    masterRecord: { type: 'Account', Id: winner, AccountNumber: number },
    recordToMergeIds: [loser],
  } as Json)

  await until(async () => (await w.refOf('sales', 'Account', loser)) === kept)
  expect(lost).not.toBe(kept)
  expect(await w.refOf('s4', 'BusinessPartner', number)).toBe(kept)
  // The survivor is the CRM's: what it is called is what the partner is called now. It is not closed: it is not gone.
  await until(async () => (await w.partner(number)).OrganizationBPName1 === 'Acme Group')
  expect((await w.partner(number)).BusinessPartnerIsBlocked).toBe(false)
  expect(await w.eventsOf('record.gone')).toEqual([])
  const [merged] = await until(async () => {
    const events = await w.eventsOf('record.merged')
    return events.length > 0 ? events : undefined
  })
  expect(merged).toMatchObject({ subject: kept, data: { from: loser, into: winner } })
  const dealRef = (await w.refOf('sales', 'Opportunity', deal)) ?? ''
  await until(async () => {
    const [row] = await w.db.query<{ about: string[] }>('select about from record where ref = $1', [dealRef])
    return row?.about.includes(kept ?? '')
  })
  expect((await w.journal(w.s4)).filter(one => one.kind === 'create' && one.by === 'sandbox')).toEqual([])
  expect((await w.sweep('sales')).found).toMatchObject({ changed: 0, unknown: 0, gone: 0 })
  expect(await w.problems()).toEqual([])
})

test('a merge of two that the ERP has both: each stays there, and only the survivor is written to', async () => {
  const w = await begin({ crm: 'close' })
  const winner = await acme(w, 'Acme')
  const loser = await acme(w, 'Acme Ltd')
  await w.org.soap.merge({
    masterRecord: { type: 'Account', Id: winner.account },
    recordToMergeIds: [loser.account],
  } as Json)
  await until(async () => (await w.refOf('sales', 'Account', loser.account)) === winner.ref)
  // Both numbers lead to the one customer.
  expect(await w.refOf('s4', 'BusinessPartner', loser.number)).toBe(winner.ref)
  await w.renamePartner(loser.number, 'Acme Ltd of old')
  await w.org.sobject('Account').update({ Id: winner.account, Name: 'Acme Group' })
  await until(async () => (await w.partner(winner.number)).OrganizationBPName1 === 'Acme Group')
  expect(await w.partner(loser.number)).toMatchObject({
    OrganizationBPName1: 'Acme Ltd of old',
    BusinessPartnerIsBlocked: false,
  })
  expect((await w.fieldsOf(winner.ref)).number).toBe(winner.number)
  expect((await w.sweep('s4')).found).toMatchObject({ changed: 0, unknown: 0, gone: 0 })
  expect(await w.problems()).toEqual([])
})

test('a merge into an account that nobody told of', async () => {
  const w = await begin({ crm: 'close' })
  const { account: loser, number } = await acme(w)
  await w.inSalesforce('PUT', 'faults', { events: { lostRate: 1 } })
  const winner = await w.create('Account', { Name: 'Acme Group', AccountNumber: '' })
  await w.inSalesforce('DELETE', 'faults')
  await w.org.soap.merge({ masterRecord: { type: 'Account', Id: winner }, recordToMergeIds: [loser] } as Json)
  const kept = await until(async () => {
    const [a, b] = [await w.refOf('sales', 'Account', loser), await w.refOf('sales', 'Account', winner)]
    return a !== undefined && a === b ? a : undefined
  })
  await until(async () => (await w.fieldsOf(kept))?.name === 'Acme Group')
  expect(await w.refOf('s4', 'BusinessPartner', number)).toBe(kept)
})

test('a merge is taken back: the loser is a customer of its own again, the deals stay with the survivor', async () => {
  const w = await begin()
  const loser = await w.create('Account', { Name: 'Acme' })
  const winner = await w.create('Account', { Name: 'Acme Group' })
  const lost = await until(async () => w.refOf('sales', 'Account', loser))
  const kept = await until(async () => w.refOf('sales', 'Account', winner))
  const deal = await w.deal('Big', loser)
  const dealRef = await until(async () => w.refOf('sales', 'Opportunity', deal))
  await w.org.soap.merge({ masterRecord: { type: 'Account', Id: winner }, recordToMergeIds: [loser] } as Json)
  await until(async () => (await w.refOf('sales', 'Account', loser)) === kept)
  await w.org.soap.undelete([loser])
  await until(async () => (await w.refOf('sales', 'Account', loser)) === lost)
  await w.org.sobject('Account').update({ Id: loser, Name: 'Acme again' })
  await until(async () => (await w.fieldsOf(lost)).name === 'Acme again')
  expect((await w.fieldsOf(kept)).name).toBe('Acme Group')
  expect((await w.fieldsOf(dealRef)).customer.id).toBe(kept)
  expect((await w.sweep('sales')).found).toMatchObject({ changed: 0, unknown: 0, gone: 0 })
})

test('a sweep begins by itself when its time has come', async () => {
  const w = await begin({ sweepEvery: '1 second' })
  await w.create('Account', { Name: 'Acme' })
  const [first] = await until(async () => {
    const { comparisons } = await w.get('/api/comparisons?system=sales')
    return comparisons[0]?.state === 'ended' ? comparisons : undefined
  }, 60_000)
  expect(first).toMatchObject({ kind: 'sweep', askedBy: null, reason: 'All of sales is compared every 1 second' })
  const { systems } = await w.get('/api/systems')
  const sales = systems.find((one: Json) => one.system === 'sales')
  expect(sales.now.lastSweep.found).toMatchObject({ gone: 0 })
  expect(sales.now.feed.catchingUpSince).toBeNull()
}, 90_000)
