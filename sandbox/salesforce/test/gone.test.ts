// What disappears: the recycle bin, merges, hard deletes, and events that say no more than that something happened.
import { expect, test } from 'vitest'
import type { SalesforceSandbox } from '../src/index.ts'
import { connect } from './pubsub.ts'
import { eventually, type Json, login, newFolder, sandboxCall, sellSomething, startSandbox } from './support.ts'

/** Everything that the org still tells, as `TYPE Object ids`. */
async function listen(sandbox: SalesforceSandbox): Promise<string[]> {
  const client = await connect(sandbox)
  const told: string[] = []
  client.subscribeFromEarliestEvent('/data/ChangeEvents', (_: unknown, kind: string, data: Json) => {
    if (kind !== 'event') return
    const { changeType, entityName, recordIds } = data.payload.ChangeEventHeader
    told.push(`${changeType} ${entityName} ${recordIds.join(' ')}`)
  })
  return told
}

const isDeleted = async (connection: Awaited<ReturnType<typeof login>>, object: string, id: string) =>
  (await connection.query<Json>(`SELECT IsDeleted FROM ${object} WHERE Id = '${id}'`, { scanAll: true })).records[0]
    ?.IsDeleted

test('a merge moves the children to the master and sends the loser to the recycle bin, where it names its master', async () => {
  const sandbox = await startSandbox()
  const connection = await login(sandbox)
  const { accountId: loser, opportunityId } = await sellSomething(connection)
  const contact = await connection.sobject('Contact').create({ LastName: 'Doe', AccountId: loser })
  const master = (await connection.sobject('Account').create({ Name: 'Acme AG' })).id ?? ''
  const told = await listen(sandbox)

  const merged: Json = await connection.soap.merge({
    masterRecord: { type: 'Account', Id: master, Phone: '1 & 2' },
    recordToMergeIds: [loser],
  } as Json)

  expect(merged).toMatchObject({ success: true, id: master, mergedRecordIds: [loser] })
  expect(merged.updatedRelatedIds).toEqual(expect.arrayContaining([opportunityId, contact.id]))
  expect((await connection.sobject('Opportunity').retrieve(opportunityId)).AccountId).toBe(master)
  expect((await connection.sobject('Account').retrieve(master)).Phone).toBe('1 & 2')
  const [gone] = (
    await connection.query<Json>(`SELECT IsDeleted, MasterRecordId FROM Account WHERE Id = '${loser}'`, {
      scanAll: true,
    })
  ).records
  expect(gone).toMatchObject({ IsDeleted: true, MasterRecordId: master })
  await eventually(() => (told.includes(`DELETE Account ${loser}`) ? true : undefined))
  expect(told).toEqual(
    expect.arrayContaining([
      `UPDATE Account ${master}`,
      `UPDATE Opportunity ${opportunityId}`,
      `UPDATE Contact ${contact.id}`,
    ]),
  )
})

test('a merge is refused whole: with itself, or of what cannot be merged', async () => {
  const connection = await login(await startSandbox())
  const { accountId, opportunityId } = await sellSomething(connection)
  const merge = (type: string, Id: string, loser: string) =>
    connection.soap.merge({ masterRecord: { type, Id }, recordToMergeIds: [loser] } as Json)
  expect(await merge('Account', accountId, accountId)).toMatchObject({ success: false })
  expect(await merge('Opportunity', opportunityId, opportunityId)).toMatchObject({
    success: false,
    errors: [{ statusCode: 'INVALID_TYPE' }],
  })
})

test('what is deleted comes back with what went with it, until the bin is emptied; a restart forgets neither', async () => {
  const dataFolder = newFolder()
  const first = await startSandbox({ dataFolder })
  let connection = await login(first)
  const { accountId, opportunityId } = await sellSomething(connection)
  const spare = (await connection.sobject('Account').create({ Name: 'Spare' })).id ?? ''
  await connection.sobject('Account').destroy([accountId, spare])
  expect(await isDeleted(connection, 'Opportunity', opportunityId)).toBe(true)

  expect(await connection.soap.undelete([accountId])).toMatchObject([{ success: true, id: accountId }])
  expect(await isDeleted(connection, 'Opportunity', opportunityId)).toBe(false)
  expect(await connection.soap.emptyRecycleBin([spare])).toMatchObject([{ success: true, id: spare }])
  expect(await connection.soap.undelete([spare])).toMatchObject([{ success: false }])
  await first.close()

  connection = await login(await startSandbox({ dataFolder }))
  expect(await isDeleted(connection, 'Account', accountId)).toBe(false)
  expect(await isDeleted(connection, 'Account', spare)).toBeUndefined()
})

test('a call without a session is refused as SOAP refuses', async () => {
  const sandbox = await startSandbox()
  const response = await fetch(`${sandbox.url}/services/Soap/u/67.0`, {
    method: 'POST',
    body: '<Envelope><Header/><Body><undelete><ids>1</ids></undelete></Body></Envelope>',
  })
  expect(response.status).toBe(500)
  expect(await response.text()).toContain('<faultcode>sf:INVALID_SESSION_ID</faultcode>')
})

test('gaps, overflows and losses: told by the header alone, told for all, not told; the same after a restart', async () => {
  const dataFolder = newFolder()
  const sandbox = await startSandbox({ dataFolder })
  const connection = await login(sandbox)
  const create = async (names: readonly string[]) =>
    (await connection.sobject('Account').create(names.map(Name => ({ Name })))).map(one => one.id ?? '')
  const faults = (events: object) => sandboxCall(sandbox, 'PUT', 'faults', { events })
  const [a = ''] = await create(['A'])
  await faults({ gapRate: 1 })
  await connection.sobject('Account').update({ Id: a, Name: 'B' })
  await connection.sobject('Account').destroy(a)
  await faults({ overflowAbove: 2 })
  await create(['C', 'D', 'E'])
  await faults({ lostRate: 1 })
  const [lost = ''] = await create(['F'])
  await sandboxCall(sandbox, 'DELETE', 'faults')
  await sandboxCall(sandbox, 'POST', 'gap', { type: 'GAP_UNDELETE', object: 'Account', ids: [a] })

  const expected = [
    `CREATE Account ${a}`,
    `GAP_UPDATE Account ${a}`,
    `GAP_DELETE Account ${a}`,
    'GAP_OVERFLOW Account 000000000000000AAA',
    `GAP_UNDELETE Account ${a}`,
  ]
  const accounts = (told: readonly string[]) => told.filter(one => one.includes(' Account '))
  const told = await listen(sandbox)
  await eventually(() => (told.includes(`GAP_UNDELETE Account ${a}`) ? true : undefined))
  expect(accounts(told)).toEqual(expected)
  expect(told.join()).not.toContain(lost)
  await sandbox.close()

  const again = await listen(await startSandbox({ dataFolder }))
  await eventually(() => (again.includes(`GAP_UNDELETE Account ${a}`) ? true : undefined))
  expect(accounts(again)).toEqual(expected)
})
