// Bulk query jobs over plain HTTP, and the unmodified jsforce client in bulk.
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { accounts, connect, finished, load, raw } from './bulk.ts'
import { call, type Json } from './support.ts'

describe('a query job', () => {
  test('gives its rows as CSV, page by page', async () => {
    const { connection } = await connect()
    const rows = Array.from({ length: 25 }, (_, i) => `"Row ${String(i).padStart(2, '0')}, ""x""\nnext",A-1`)
    await connection.sobject('Account').create({ Name: 'Parent', Plumbline_Ref__c: 'A-1' })
    await load(
      connection,
      { object: 'Account', operation: 'insert' },
      `Description,Parent.Plumbline_Ref__c,Name\n${rows.map(row => `${row},Child`).join('\n')}\n`,
    )
    const query =
      "SELECT description, parent.Plumbline_Ref__c, CreatedDate, NumberOfEmployees FROM Account WHERE Name = 'Child' ORDER BY Description"
    const made = await call(connection, 'POST', '/jobs/query', { operation: 'query', query, columnDelimiter: 'PIPE' })
    expect(made.body).toMatchObject({
      state: 'UploadComplete',
      jobType: 'V2Query',
      object: 'Account',
      operation: 'query',
    })
    const { job } = await finished(connection, made.body.id, 'query')
    expect(job).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 25 })
    const read: Json[] = []
    const sizes: string[] = []
    for (let locator = ''; locator !== 'null'; ) {
      const page = await raw(
        connection,
        'GET',
        `query/${job.id}/results?maxRecords=10${locator && `&locator=${locator}`}`,
      )
      expect(page.headers.get('content-type')).toBe('text/csv')
      read.push(...parse<Json>(page.text, { columns: true, delimiter: '|' }))
      sizes.push(page.headers.get('sforce-numberofrecords') ?? '')
      locator = page.headers.get('sforce-locator') ?? 'null'
    }
    expect(sizes).toEqual(['10', '10', '5'])
    expect(read[3]).toEqual({
      Description: 'Row 03, "x"\nnext',
      'Parent.Plumbline_Ref__c': 'A-1',
      CreatedDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/),
      NumberOfEmployees: '',
    })
    expect(new Set(read.map(row => row.Description)).size).toBe(25)
  })

  test('refuses what bulk queries cannot do, and sees deleted rows when told so', async () => {
    const { connection } = await connect()
    const ask = (query: string, operation = 'query') => call(connection, 'POST', '/jobs/query', { operation, query })
    expect(await ask('SELECT BillingAddress FROM Account')).toMatchObject({
      status: 400,
      body: [{ errorCode: 'API_ERROR', message: 'Selecting compound data not supported in Bulk Query' }],
    })
    expect(await ask('SELECT COUNT() FROM Account')).toMatchObject({ status: 400 })
    expect(await ask('SELECT Id, (SELECT Id FROM Contacts) FROM Account')).toMatchObject({ status: 400 })
    expect((await ask('SELECT Nothing FROM Account')).body[0].errorCode).toBe('INVALID_FIELD')
    const gone = await connection.sobject('Account').create({ Name: 'Gone' })
    await connection.sobject('Account').destroy(gone.id ?? '')
    for (const [operation, count] of [
      ['query', 0],
      ['queryAll', 1],
    ] as const) {
      const { body } = await ask('SELECT Id, IsDeleted FROM Account', operation)
      const { job } = await finished(connection, body.id, 'query')
      expect(job.numberRecordsProcessed).toBe(count)
      expect((await raw(connection, 'GET', `query/${job.id}/results`)).text).toBe(
        count === 0 ? '"Id","IsDeleted"\n' : `"Id","IsDeleted"\n"${gone.id}","true"\n`,
      )
    }
  })
})

test('jsforce loads in bulk and reads the results', async () => {
  const { connection } = await connect()
  const job = connection.bulk2.createJob({ operation: 'insert', object: 'Account' })
  await job.open()
  await job.uploadData([
    { Name: 'One', Site: 'a,b', IsDeleted: undefined },
    { Name: '', Site: 'nameless' },
    { Name: 'Two', Site: 'line\nbreak' },
  ])
  await job.close()
  await job.poll(20, 20_000)
  const results = await job.getAllResults()
  expect(results.successfulResults.map((row: Json) => [row.Name, row.sf__Created])).toEqual([
    ['One', 'true'],
    ['Two', 'true'],
  ])
  expect(results.failedResults).toMatchObject([
    { Site: 'nameless', sf__Error: expect.stringContaining('REQUIRED_FIELD') },
  ])
  expect(results.unprocessedRecords).toEqual([])
  expect(await accounts(connection, 'Name, Site')).toMatchObject([{ Site: 'a,b' }, { Site: 'line\nbreak' }])
})
