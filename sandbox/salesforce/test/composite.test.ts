// Many calls in one: composite, graphs, batches; what fails together leaves no trace.
import { expect, test } from 'vitest'
import { call, type Json, login, sandboxCall, sellSomething, startSandbox } from './support.ts'

test('a composite uses earlier answers, and with allOrNone is taken back whole', async () => {
  const sandbox = await startSandbox()
  const connection = await login(sandbox)
  const request = (lastName: string | undefined, allOrNone: boolean) => ({
    allOrNone,
    compositeRequest: [
      { method: 'POST', url: '/services/data/v67.0/sobjects/Account', referenceId: 'acc', body: { Name: 'A' } },
      {
        method: 'GET',
        url: "/services/data/v67.0/query?q=SELECT+Id,Name+FROM+Account+WHERE+Id='@{acc.id}'",
        referenceId: 'found',
      },
      {
        method: 'POST',
        url: '/services/data/v67.0/sobjects/Contact',
        referenceId: 'con',
        body: { AccountId: '@{found.records[0].Id}', LastName: lastName },
      },
      { method: 'GET', url: '/services/data/v67.0/sobjects/Contact/@{con.id}', referenceId: 'read' },
    ],
  })
  const good = await call(connection, 'POST', '/composite', request('Doe', true))
  expect(good.body.compositeResponse.map((part: Json) => part.httpStatusCode)).toEqual([201, 200, 201, 200])
  expect(good.body.compositeResponse[3].body).toMatchObject({
    LastName: 'Doe',
    AccountId: good.body.compositeResponse[0].body.id,
  })
  expect(good.body.compositeResponse[0].httpHeaders.Location).toContain('/sobjects/Account/001')
  const loose = await call(connection, 'POST', '/composite', request(undefined, false))
  expect(loose.body.compositeResponse.map((part: Json) => part.httpStatusCode)).toEqual([201, 200, 400, 400])
  expect(loose.body.compositeResponse[3].body[0].errorCode).toBe('PROCESSING_HALTED')
  const before = await sandboxCall(sandbox, 'GET', 'journal')
  const strict = await call(connection, 'POST', '/composite', request(undefined, true))
  expect(strict.body.compositeResponse.map((part: Json) => part.body[0].errorCode)).toEqual([
    'PROCESSING_HALTED',
    'PROCESSING_HALTED',
    'REQUIRED_FIELD_MISSING',
    'PROCESSING_HALTED',
  ])
  expect((await sandboxCall(sandbox, 'GET', 'journal')).last).toBe(before.last)
})

test('each graph of a composite graph is atomic', async () => {
  const sandbox = await startSandbox()
  const connection = await login(sandbox)
  const { opportunityId, pricebookId, entryIds } = await sellSomething(connection)
  const graph = (graphId: string, quantity: number | undefined) => ({
    graphId,
    compositeRequest: [
      {
        method: 'PATCH',
        url: `/services/data/v67.0/sobjects/Quote/Plumbline_Ref__c/${graphId}`,
        referenceId: 'quote',
        body: { Name: graphId, OpportunityId: opportunityId, Pricebook2Id: pricebookId },
      },
      ...entryIds.map((PricebookEntryId, i) => ({
        method: 'POST',
        url: '/services/data/v67.0/sobjects/QuoteLineItem',
        referenceId: `line${i}`,
        body: { QuoteId: '@{quote.id}', PricebookEntryId, Quantity: i === 2 ? quantity : 1, UnitPrice: 2 },
      })),
    ],
  })
  const reply = await call(connection, 'POST', '/composite/graph', {
    graphs: [graph('good', 1), graph('bad', undefined)],
  })
  expect(reply.status).toBe(200)
  expect(reply.body.graphs).toMatchObject([
    { graphId: 'good', isSuccessful: true },
    { graphId: 'bad', isSuccessful: false },
  ])
  expect(reply.body.graphs[1].graphResponse.compositeResponse.map((part: Json) => part.body[0].errorCode)).toEqual([
    'PROCESSING_HALTED',
    'PROCESSING_HALTED',
    'PROCESSING_HALTED',
    'REQUIRED_FIELD_MISSING',
  ])
  const quotes = (await connection.query<Json>('SELECT Name, TotalPrice, (SELECT Id FROM QuoteLineItems) FROM Quote'))
    .records
  expect(quotes).toMatchObject([{ Name: 'good', TotalPrice: 6, QuoteLineItems: { totalSize: 3 } }])
  const { entries } = await sandboxCall(sandbox, 'GET', 'journal?object=QuoteLineItem')
  expect(entries).toHaveLength(3)
  const again = await call(connection, 'POST', '/composite/graph', { graphs: [graph('bad', 1)] })
  expect(again.body.graphs[0].isSuccessful).toBe(true)
  expect(
    (
      await call(connection, 'POST', '/composite/graph', {
        graphs: Array.from({ length: 76 }, (_, i) => graph(`g${i}`, 1)),
      })
    ).status,
  ).toBe(400)
})

test('after 14 failed graphs the rest is halted', async () => {
  const connection = await login(await startSandbox())
  const graphs = Array.from({ length: 16 }, (_, i) => ({
    graphId: `g${i}`,
    compositeRequest: [
      {
        method: 'POST',
        url: '/services/data/v67.0/sobjects/Account',
        referenceId: 'a',
        body: i < 14 ? {} : { Name: 'late' },
      },
    ],
  }))
  const reply = await call(connection, 'POST', '/composite/graph', { graphs })
  expect(reply.body.graphs.at(-1).graphResponse.compositeResponse[0].body[0].errorCode).toBe('PROCESSING_HALTED')
  expect((await connection.query('SELECT COUNT() FROM Account')).totalSize).toBe(0)
})

test('a batch holds independent requests and stops when asked to', async () => {
  const connection = await login(await startSandbox())
  const batchRequests = [
    { method: 'POST', url: 'v67.0/sobjects/Account', richInput: {} },
    { method: 'GET', url: 'v67.0/limits' },
  ]
  const halted = await call(connection, 'POST', '/composite/batch', { haltOnError: true, batchRequests })
  expect(halted.body).toMatchObject({ hasErrors: true, results: [{ statusCode: 400 }, { statusCode: 412 }] })
  const free = await call(connection, 'POST', '/composite/batch', { batchRequests })
  expect(free.body.results[1].statusCode).toBe(200)
  expect(Number(/api-usage=(\d+)/.exec(free.headers.get('sforce-limit-info') ?? '')?.[1])).toBe(4)
})

test('deleting a quote deletes its lines; a used product stays', async () => {
  const connection = await login(await startSandbox())
  const { opportunityId, pricebookId, entryIds } = await sellSomething(connection)
  const { id = '' } = await connection
    .sobject('Quote')
    .create({ Name: 'Q', OpportunityId: opportunityId, Pricebook2Id: pricebookId })
  await connection
    .sobject('QuoteLineItem')
    .create({ QuoteId: id, PricebookEntryId: entryIds[0], Quantity: 1, UnitPrice: 2 })
  const [product] = (await connection.query<{ Product2Id: string }>('SELECT Product2Id FROM QuoteLineItem')).records
  await expect(connection.sobject('Product2').destroy(product?.Product2Id ?? '')).rejects.toMatchObject({
    errorCode: 'DELETE_FAILED',
  })
  await connection.sobject('Quote').destroy(id)
  expect((await connection.query('SELECT COUNT() FROM QuoteLineItem')).totalSize).toBe(0)
})

test('a tree of records is created whole, or not at all', async () => {
  const connection = await login(await startSandbox())
  const account = (referenceId: string, Name: string, contacts: readonly object[]) => ({
    attributes: { type: 'Account', referenceId },
    Name,
    Contacts: { records: contacts },
  })
  const contact = (referenceId: string, LastName: string) => ({
    attributes: { type: 'Contact', referenceId },
    LastName,
  })
  const plant = (records: readonly object[]) => call(connection, 'POST', '/composite/tree/Account', { records })
  const made = await plant([account('a1', 'Acme', [contact('c1', 'Stone'), contact('c2', 'Wood')])])
  expect(made).toMatchObject({
    status: 201,
    body: { hasErrors: false, results: [{ referenceId: 'a1' }, { referenceId: 'c1' }, { referenceId: 'c2' }] },
  })
  const found = await connection.query<Json>('SELECT LastName, Account.Name FROM Contact ORDER BY LastName')
  expect(found.records).toMatchObject([
    { LastName: 'Stone', Account: { Name: 'Acme' } },
    { LastName: 'Wood', Account: { Name: 'Acme' } },
  ])
  expect(await plant([account('a2', 'Other', [contact('c3', '')])])).toMatchObject({
    status: 400,
    body: { hasErrors: true, results: [{ referenceId: 'c3', errors: [{ statusCode: 'REQUIRED_FIELD_MISSING' }] }] },
  })
  expect(await connection.query('SELECT COUNT() FROM Account')).toMatchObject({ totalSize: 1 })
  expect(await plant([{ attributes: { type: 'Account' }, Name: 'x' }])).toMatchObject({ status: 400 })
})
