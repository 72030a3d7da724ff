// The unmodified Pub/Sub client: subscribing, decoding, flow control, replay.
import avro from 'avsc'
import { expect, test } from 'vitest'
import { readMetadata } from '../src/metadata.ts'
import { eventCodec } from '../src/pubsub/events.ts'
import { connect as bulk, load } from './bulk.ts'
import { connect, listener } from './pubsub.ts'
import { eventually, login, newFolder, sandboxCall, sellSomething, startSandbox } from './support.ts'

test('changes of an account arrive decoded, with what changed and who did it', async () => {
  const sandbox = await startSandbox()
  const client = await connect(sandbox)
  const { heard, hear } = listener()
  client.subscribe('/data/AccountChangeEvent', hear)
  const connection = await login(sandbox, { client: 'plumbline' })
  await eventually(async () =>
    (await sandboxCall(sandbox, 'GET', 'stats')).requests['pubsub.Subscribe'] ? true : undefined,
  )
  await new Promise(resolve => setTimeout(resolve, 100))
  const { id = '' } = await connection
    .sobject('Account')
    .create({ Name: 'Acme', BillingCity: 'Bonn', NumberOfEmployees: 7, AnnualRevenue: 10 })
  await connection
    .sobject('Account')
    .update({ Id: id, Fax: '1', BillingStreet: 'Main', Phone: null, NumberOfEmployees: null })
  await connection.sobject('Account').destroy(id)
  await sandboxCall(sandbox, 'POST', 'undelete', { ids: [id] })
  await eventually(() => (heard.events.length === 4 ? true : undefined))
  const [create, update, remove, restore] = heard.events.map(event => event.payload)
  expect(create.ChangeEventHeader).toMatchObject({
    entityName: 'Account',
    recordIds: [id],
    changeType: 'CREATE',
    changeOrigin: 'com/salesforce/api/rest/67.0;client=plumbline',
    sequenceNumber: 1,
    changedFields: [],
    nulledFields: [],
  })
  expect(create).toMatchObject({ Name: 'Acme', NumberOfEmployees: 7, AnnualRevenue: 10, Fax: null })
  expect(create.CreatedDate).toBe(Math.floor(create.ChangeEventHeader.commitTimestamp / 1000) * 1000)
  expect(update.ChangeEventHeader).toMatchObject({ changeType: 'UPDATE' })
  expect(update.ChangeEventHeader.changedFields).toEqual(
    expect.arrayContaining(['Fax', 'LastModifiedDate', 'NumberOfEmployees', 'BillingAddress.Street']),
  )
  expect(update.ChangeEventHeader.nulledFields).toEqual(['NumberOfEmployees'])
  expect(update).toMatchObject({ Fax: '1', Name: null, NumberOfEmployees: null })
  expect(remove).toMatchObject({ Name: null, ChangeEventHeader: { changeType: 'DELETE', recordIds: [id] } })
  expect(restore).toMatchObject({ Name: 'Acme', ChangeEventHeader: { changeType: 'UNDELETE' } })
  expect(Number(update.ChangeEventHeader.commitNumber)).toBeGreaterThan(Number(create.ChangeEventHeader.commitNumber))
})

test('a transaction tells of every record once, the totals of the parent included', async () => {
  const sandbox = await startSandbox()
  const client = await connect(sandbox)
  const connection = await login(sandbox)
  const { opportunityId, pricebookId, entryIds } = await sellSomething(connection)
  const quote = await connection
    .sobject('Quote')
    .create({ Name: 'Q', OpportunityId: opportunityId, Pricebook2Id: pricebookId })
  const { heard, hear } = listener()
  client.subscribeFromEarliestEvent('/data/ChangeEvents', hear, 100)
  await connection
    .sobject('QuoteLineItem')
    .create(entryIds.map(PricebookEntryId => ({ QuoteId: quote.id, PricebookEntryId, Quantity: 1, UnitPrice: 5 })))
  await eventually(() => (heard.events.length >= 13 ? true : undefined))
  const last = heard.events.slice(-4).map(event => event.payload)
  expect(
    last.map(payload => [
      payload.ChangeEventHeader.entityName,
      payload.ChangeEventHeader.changeType,
      payload.ChangeEventHeader.sequenceNumber,
    ]),
  ).toEqual([
    ['QuoteLineItem', 'CREATE', 1],
    ['QuoteLineItem', 'CREATE', 2],
    ['QuoteLineItem', 'CREATE', 3],
    ['Quote', 'UPDATE', 4],
  ])
  expect(last[3]).toMatchObject({ TotalPrice: 15, GrandTotal: 15, Name: null })
  expect(new Set(last.map(payload => payload.ChangeEventHeader.transactionKey)).size).toBe(1)
})

test('a channel carries its objects; replay goes on where it stopped, also after a restart', async () => {
  const dataFolder = newFolder()
  const first = await startSandbox({ dataFolder })
  const connection = await login(first)
  for (const Name of ['a', 'b', 'c']) await connection.sobject('Account').create({ Name })
  await connection.sobject('Product2').create({ Name: 'not in the channel' })
  const before = listener()
  ;(await connect(first)).subscribeFromEarliestEvent('/data/Plumbline__chn', before.hear, 3)
  await eventually(() => (before.heard.events.length === 3 ? true : undefined))
  await first.close()
  const second = await startSandbox({ dataFolder })
  expect((await (await login(second)).query('SELECT COUNT() FROM Account')).totalSize).toBe(3)
  const after = listener()
  ;(await connect(second)).subscribeFromReplayId('/data/Plumbline__chn', after.hear, 2, before.heard.events[0].replayId)
  await eventually(() => (after.heard.events.length === 2 ? true : undefined))
  expect(after.heard.events.map(event => [event.replayId, event.id, event.payload.Name])).toEqual(
    before.heard.events.slice(1).map(event => [event.replayId, event.id, event.payload.Name]),
  )
})

test('flow control: no more than asked for, and at most 100', async () => {
  const sandbox = await startSandbox({ keepAliveMs: 100 })
  const connection = await login(sandbox)
  await connection.sobject('Account').create(Array.from({ length: 150 }, (_, i) => ({ Name: `A${i}` })))
  const { heard, hear } = listener()
  ;(await connect(sandbox)).subscribeFromEarliestEvent('/data/AccountChangeEvent', hear, 40)
  await eventually(() =>
    heard.kinds.includes('grpcKeepalive') || heard.kinds.includes('grpcKeepAlive') ? true : undefined,
  )
  expect(heard.events).toHaveLength(40)
})

test('a replay id that is too old or was never given is refused', async () => {
  const sandbox = await startSandbox()
  const connection = await login(sandbox)
  await connection.sobject('Account').create({ Name: 'old' })
  const { heard, hear } = listener()
  ;(await connect(sandbox)).subscribeFromEarliestEvent('/data/AccountChangeEvent', hear, 1)
  await eventually(() => heard.events[0])
  await sandboxCall(sandbox, 'POST', 'clock', { forwardMs: 73 * 3600_000 })
  await (await login(sandbox)).sobject('Account').create({ Name: 'new' })
  const tryFrom = async (replayId: number) => {
    const { heard: late, hear: hearLate } = listener()
    ;(await connect(sandbox)).subscribeFromReplayId('/data/AccountChangeEvent', hearLate, 1, replayId)
    return (await eventually(() => late.errors[0])) as { code: number; metadata: { get(name: string): string[] } }
  }
  for (const replayId of [heard.events[0].replayId, 99_000_000]) {
    const error = await tryFrom(replayId)
    expect(error.code).toBe(3)
    expect(error.metadata.get('error-code')).toEqual([
      'sfdc.platform.eventbus.grpc.subscription.fetch.replayid.corrupted',
    ])
    expect(error.metadata.get('rpc-id')).toHaveLength(1)
  }
  const { heard: kept, hear: hearKept } = listener()
  ;(await connect(sandbox)).subscribeFromEarliestEvent('/data/AccountChangeEvent', hearKept, 1)
  expect((await eventually(() => kept.events[0])).payload.Name).toBe('new')
})

test('malformed events are events that cannot be read, and a disconnect ends the stream', async () => {
  const sandbox = await startSandbox()
  const connection = await login(sandbox)
  await connection.sobject('Account').create({ Name: 'A' })
  await sandboxCall(sandbox, 'PUT', 'faults', { pubsub: { malformedRate: 1 } })
  const broken = listener()
  ;(await connect(sandbox)).subscribeFromEarliestEvent('/data/AccountChangeEvent', broken.hear, 1)
  expect((await eventually(() => broken.heard.errors[0])).message).toMatch(/^Failed to parse event/)
  await sandboxCall(sandbox, 'PUT', 'faults', { pubsub: { disconnectRate: 1 } })
  const cut = listener()
  ;(await connect(sandbox)).subscribeFromEarliestEvent('/data/AccountChangeEvent', cut.hear, 10)
  expect(await eventually(() => cut.heard.errors[0])).toMatchObject({ code: 14 })
  await sandboxCall(sandbox, 'PUT', 'faults', { events: { duplicateRate: 1 } })
  await connection.sobject('Account').create({ Name: 'B' })
  const twice = listener()
  ;(await connect(sandbox)).subscribeFromEarliestEvent('/data/AccountChangeEvent', twice.hear, 10)
  await eventually(() => (twice.heard.events.length === 3 ? true : undefined))
  const [, second, again] = twice.heard.events
  expect(again.id).toBe(second.id)
  expect(again.replayId).toBeGreaterThan(second.replayId)
  expect(again.payload).toEqual(second.payload)
})

test('an outage cuts open streams and refuses new ones', async () => {
  const sandbox = await startSandbox()
  const open = listener()
  ;(await connect(sandbox)).subscribe('/data/ChangeEvents', open.hear)
  await eventually(async () =>
    (await sandboxCall(sandbox, 'GET', 'stats')).requests['pubsub.Subscribe'] ? true : undefined,
  )
  await sandboxCall(sandbox, 'PUT', 'faults', { unavailable: { rate: 1 } })
  expect(await eventually(() => open.heard.errors[0])).toMatchObject({ code: 14 })
})

test('field bitmaps are those of published change events', () => {
  const account = readMetadata(undefined).schema.named('Account')
  if (!account) throw new Error('no Account')
  const codec = eventCodec(account)
  const transaction = { number: 1, at: 1_700_000_000_000, key: 'k', by: 'x', userId: '005', origin: 'o', changes: [] }
  const stamp = '2026-01-31T12:00:00.000+0000'
  const changedFields = (more: Record<string, string>) => {
    const fields = { Fax: '1', LastModifiedDate: stamp, SystemModstamp: stamp, ...more }
    const bytes = codec.encode({
      id: 'e',
      transaction,
      sequenceNumber: 1,
      object: 'Account',
      kind: 'update',
      recordIds: ['001'],
      fields,
    })
    return avro.Type.forSchema(JSON.parse(codec.schemaJson)).fromBuffer(bytes).ChangeEventHeader.changedFields
  }
  expect(changedFields({})).toEqual(['0x400080'])
  expect(changedFields({ BillingCountry: 'DE', ShippingCity: 'Bonn' })).toEqual(['0x400080', '4-0x10', '5-0x02'])
})

test('what is loaded in bulk arrives as events that say so', async () => {
  const { sandbox, connection } = await bulk()
  const client = await connect(sandbox)
  const { heard, hear } = listener()
  const rows = ['Name,Site', 'One,North', ',nameless', 'Two,South']
  await load(connection, { object: 'Account', operation: 'insert' }, `${rows.join('\n')}\n`)
  client.subscribeFromEarliestEvent('/data/AccountChangeEvent', hear)
  await eventually(() => (heard.events.length === 2 ? true : undefined))
  const headers = heard.events.map(event => event.payload.ChangeEventHeader)
  expect(heard.events.map(event => event.payload.Name)).toEqual(['One', 'Two'])
  for (const header of headers)
    expect(header).toMatchObject({
      changeType: 'CREATE',
      changeOrigin: 'com/salesforce/api/bulkapi/67.0;client=loader',
      transactionKey: headers[0].transactionKey,
    })
})
