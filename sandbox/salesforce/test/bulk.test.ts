// Bulk API 2.0 over plain HTTP: ingest jobs, their states, their results.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { accounts, close, connect, create, DELIMITER, finished, load, raw, state } from './bulk.ts'
import { call, eventually, type Json, login, METADATA, newFolder, sandboxCall } from './support.ts'

describe('an ingest job', () => {
  test('goes from open over in progress to complete, and tells of itself as Salesforce does', async () => {
    const { connection } = await connect({ bulkPauseMs: 100 })
    const made = await create(connection, { object: 'account', operation: 'insert' })
    expect(made).toMatchObject({
      status: 200,
      body: {
        operation: 'insert',
        object: 'Account',
        state: 'Open',
        concurrencyMode: 'Parallel',
        contentType: 'CSV',
        apiVersion: 67,
        jobType: 'V2Ingest',
        lineEnding: 'LF',
        columnDelimiter: 'COMMA',
      },
    })
    const { id } = made.body
    expect(id).toMatch(/^750\w{15}$/)
    expect(made.body.contentUrl).toBe(`services/data/v67.0/jobs/ingest/${id}/batches`)
    const rows = Array.from({ length: 450 }, (_, i) => `Account ${String(i).padStart(3, '0')}`)
    await raw(connection, 'PUT', `ingest/${id}/batches`, `Name\n${rows.join('\n')}`)
    const seen = new Set<string>([(await close(connection, id)).body.state])
    await eventually(async () => {
      const { body } = await state(connection, id)
      seen.add(body.state)
      return body.state === 'JobComplete' ? body : undefined
    })
    expect([...seen]).toEqual(['UploadComplete', 'InProgress', 'JobComplete'])
    const { job, successes, failures, unprocessed } = await finished(connection, id)
    expect(job).toMatchObject({ numberRecordsProcessed: 450, numberRecordsFailed: 0, retries: 0 })
    expect((await successes()).map(row => row.Name)).toEqual(rows)
    expect((await successes())[0]).toEqual({
      sf__Id: expect.stringMatching(/^001/),
      sf__Created: 'true',
      Name: rows[0],
    })
    expect(await failures()).toEqual([])
    expect(await unprocessed()).toEqual([])
    expect((await accounts(connection)).map(row => row.Name)).toEqual(rows)
  })

  test('refuses bad rows one by one, with the code, the words and the fields', async () => {
    const { connection } = await connect()
    const parent = (await connection.sobject('Account').create({ Name: 'Parent', Plumbline_Ref__c: 'A-1' })).id ?? ''
    const long = 'x'.repeat(256)
    const { job, successes, failures } = await load(
      connection,
      { object: 'Account', operation: 'insert' },
      [
        'Name,Plumbline_Ref__c,NumberOfEmployees,Parent.Plumbline_Ref__c',
        'Good,A-2,5,A-1',
        ',A-3,,',
        'Twice,A-1,,',
        `${long},,,`,
        'No number,,many,',
        'Orphan,,,A-99',
      ].join('\n'),
    )
    expect(job).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 6, numberRecordsFailed: 5 })
    const errors = (await failures()).map(row => row.sf__Error)
    expect(errors).toEqual([
      'REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --',
      `DUPLICATE_VALUE:duplicate value found: Plumbline_Ref__c duplicates value on record with id: ${parent}:--`,
      `STRING_TOO_LONG:Name: data value too large: ${long} (max length=255):Name --`,
      'INVALID_TYPE_ON_FIELD_IN_RECORD:Number Of Employees: value not of required type: many:NumberOfEmployees --',
      'INVALID_FIELD:Foreign key external ID: a-99 not found for field Plumbline_Ref__c in entity Account:--',
    ])
    expect((await failures())[0]).toMatchObject({ sf__Id: '', Plumbline_Ref__c: 'A-3' })
    const [good] = await successes()
    expect(await connection.sobject('Account').retrieve(good.sf__Id)).toMatchObject({
      ParentId: parent,
      NumberOfEmployees: 5,
    })
  })

  test('upserts by external id, and refuses one key twice in a chunk', async () => {
    const { connection } = await connect()
    const known = (await connection.sobject('Account').create({ Name: 'Old', Plumbline_Ref__c: 'A/B #1' })).id
    const { job, successes, failures } = await load(
      connection,
      { object: 'Account', operation: 'upsert', externalIdFieldName: 'plumbline_ref__c' },
      'Plumbline_Ref__c,Name\nA/B #1,New\nC-3,Made\nD-4,One\nd-4,Two\n,None\n',
    )
    expect(job).toMatchObject({ externalIdFieldName: 'Plumbline_Ref__c', numberRecordsFailed: 3 })
    expect(await successes()).toMatchObject([
      { sf__Id: known, sf__Created: 'false', Name: 'New' },
      { sf__Created: 'true', Name: 'Made' },
    ])
    expect((await failures()).map(row => row.sf__Error)).toEqual([
      'DUPLICATE_VALUE:Duplicate external id specified: D-4:--',
      'DUPLICATE_VALUE:Duplicate external id specified: d-4:--',
      'MISSING_ARGUMENT:Plumbline_Ref__c not specified:Plumbline_Ref__c --',
    ])
  })

  test('changes what a row says, leaves what it does not say, and clears with #N/A', async () => {
    const { connection } = await connect()
    const make = async (Name: string) =>
      (await connection.sobject('Account').create({ Name, Site: 'North', Phone: '1', BillingCity: 'Bonn' })).id ?? ''
    const ids = [await make('One'), await make('Two')]
    await load(
      connection,
      { object: 'Account', operation: 'update' },
      `Id,Site,Phone,BillingCity\n${ids[0]},South,,#N/A\n${ids[1]?.slice(0, 15)},,2,\n001000000000000AAA,x,,\nnonsense,x,,\n,x,,\n`,
    ).then(async ({ failures }) =>
      expect((await failures()).map(row => [row.sf__Id, row.sf__Error])).toEqual([
        ['001000000000000AAA', 'INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--'],
        ['nonsense', 'MALFORMED_ID:malformed id nonsense:Id --'],
        ['', 'MISSING_ARGUMENT:Id not specified in an update call:--'],
      ]),
    )
    expect(await accounts(connection, 'Site, Phone, BillingCity')).toMatchObject([
      { Site: 'South', Phone: '1', BillingCity: null },
      { Site: 'North', Phone: '2', BillingCity: 'Bonn' },
    ])
  })

  test('deletes into the recycle bin, and hard deletes past it', async () => {
    const dataFolder = newFolder()
    const { connection, sandbox } = await connect({ dataFolder })
    const { successes } = await load(connection, { object: 'Account', operation: 'insert' }, 'Name\nA\nB\nC\n')
    const [a, b, c] = (await successes()).map(row => row.sf__Id)
    const soft = await load(connection, { object: 'Account', operation: 'delete' }, `Id\n${a}\n${a}\n`)
    expect(await soft.successes()).toMatchObject([{ sf__Id: a, sf__Created: 'false' }])
    expect((await soft.failures())[0]).toEqual({
      sf__Id: a,
      sf__Error: 'ENTITY_IS_DELETED:entity is deleted:--',
      Id: a,
    })
    await load(connection, { object: 'Account', operation: 'hardDelete' }, `Id\n${b}\n`)
    const all = await connection.query<Json>('SELECT Id FROM Account', { scanAll: true })
    expect(all.records.map(row => row.Id).sort()).toEqual([a, c].sort())
    expect(await sandboxCall(sandbox, 'POST', 'undelete', { ids: [b] })).toMatchObject({ status: 400 })
    const bad = await load(connection, { object: 'Account', operation: 'delete' }, `Id,Name\n${c},C\n`)
    expect(bad.job.errorMessage).toBe("InvalidBatch : The 'delete' batch must contain only ids")
    await sandbox.close()
    const again = await connect({ dataFolder })
    expect((await again.connection.query('SELECT Id FROM Account', { scanAll: true })).totalSize).toBe(2)
  })

  test('keeps hostile content whole: quotes, delimiters, line breaks, a byte order mark, formulas', async () => {
    const { connection } = await connect()
    const texts = ['say "hi"', 'a;b,c\td|e', 'one\r\ntwo\nthree', "=cmd|' /C calc'!A0", '€ ñ 漢字 🎈', '""', 'end\\']
    for (const [columnDelimiter, delimiter] of Object.entries<string>(DELIMITER)) {
      const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
      const lines = [['Name', 'Description'], ...texts.map((text, i) => [`${columnDelimiter} ${i}`, text])]
      const csv = `\ufeff${lines.map(line => line.map(quoted).join(delimiter)).join('\r\n')}\r\n`
      const { job, successes } = await load(
        connection,
        { object: 'Account', operation: 'insert', columnDelimiter, lineEnding: 'CRLF' },
        csv,
      )
      expect(job).toMatchObject({ state: 'JobComplete', numberRecordsFailed: 0 })
      expect((await successes()).map(row => row.Description)).toEqual(texts)
      const made = await connection.query<Json>(
        `SELECT Description FROM Account WHERE Name LIKE '${columnDelimiter} %' ORDER BY Name`,
      )
      expect(made.records.map(row => row.Description)).toEqual(texts)
    }
  })

  test('fails as a whole where its data cannot be read, and gives the rows back', async () => {
    const { connection } = await connect()
    const job = { object: 'Account', operation: 'insert' }
    const unknown = await load(connection, job, 'Name,Colour__c\nA,red\n')
    expect(unknown.job).toMatchObject({
      state: 'Failed',
      errorMessage: 'InvalidBatch : Field name not found : Colour__c',
      numberRecordsProcessed: 0,
    })
    const crlf = await load(connection, job, 'Name\r\nA\r\n')
    expect(crlf.job.errorMessage).toBe(
      'ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF',
    )
    const rows = Array.from({ length: 250 }, (_, i) => `Row ${i}`)
    const broken = await load(connection, job, `Name\n${rows.join('\n')}\n"open\nlast\n`)
    expect(broken.job).toMatchObject({ state: 'Failed', numberRecordsProcessed: 200 })
    expect(broken.job.errorMessage).toMatch(/^InvalidBatch : .*quote/i)
    expect(await broken.successes()).toHaveLength(200)
    const left = await raw(connection, 'GET', `ingest/${broken.job.id}/unprocessedrecords`)
    expect(left.text).toBe(`"Name"\n${rows.slice(200).join('\n')}\n"open\nlast\n`)
    const ragged = await load(connection, job, 'Name,Site\nA,x\nB\nC,y\n')
    expect(ragged.job).toMatchObject({ state: 'Failed', numberRecordsProcessed: 1 })
    expect(ragged.job.errorMessage).toContain('A row has 1 fields and the header 2 : B')
    const nothing = (await create(connection, job)).body.id
    await close(connection, nothing)
    expect((await finished(connection, nothing)).job.errorMessage).toContain('Unable to find any data')
  })

  test('is refused where it makes no sense', async () => {
    const { connection } = await connect()
    const refusal = async (job: object) => (await create(connection, job)).body[0]
    expect(await refusal({ object: 'Nothing__c', operation: 'insert' })).toMatchObject({
      errorCode: 'INVALIDJOB',
      message: 'InvalidJob : Unable to find object: Nothing__c',
    })
    expect(await refusal({ object: 'Account', operation: 'merge' })).toMatchObject({ errorCode: 'INVALIDJOB' })
    expect((await refusal({ object: 'Account', operation: 'upsert' })).message).toBe(
      'InvalidJob : External ID was blank for Account. An External ID must be specified for upsert.',
    )
    expect((await refusal({ object: 'Account', operation: 'upsert', externalIdFieldName: 'Site' })).message).toContain(
      'does not match an External ID',
    )
    expect(await state(connection, '7505f0000000099AAA')).toMatchObject({ status: 404 })
    const { id } = (await create(connection, { object: 'Account', operation: 'insert' })).body
    expect(await raw(connection, 'GET', `ingest/${id}/successfulResults`)).toMatchObject({ status: 400 })
    await raw(connection, 'PUT', `ingest/${id}/batches`, 'Name\nA\n')
    await raw(connection, 'PUT', `ingest/${id}/batches`, 'Name\nB\n')
    expect(await close(connection, id)).toMatchObject({
      status: 400,
      body: [{ errorCode: 'INVALIDJOB', message: expect.stringContaining(`Found multipe contents for job: <${id}>`) }],
    })
    expect(await call(connection, 'DELETE', `/jobs/ingest/${id}`)).toMatchObject({ status: 204 })
    expect(await state(connection, id)).toMatchObject({ status: 404 })
  })

  test('stops when it is aborted; what was done stays done', async () => {
    const { connection } = await connect({ bulkPauseMs: 30 })
    const rows = Array.from({ length: 5000 }, (_, i) => `Row ${i}`)
    const { id } = (await create(connection, { object: 'Account', operation: 'insert' })).body
    await raw(connection, 'PUT', `ingest/${id}/batches`, `Name\n${rows.join('\n')}\n`)
    await close(connection, id)
    await eventually(async () => ((await state(connection, id)).body.numberRecordsProcessed > 0 ? true : undefined))
    expect(await call(connection, 'DELETE', `/jobs/ingest/${id}`)).toMatchObject({ status: 400 })
    await call(connection, 'PATCH', `/jobs/ingest/${id}`, { state: 'Aborted' })
    const { job, successes, unprocessed } = await finished(connection, id)
    expect(job.state).toBe('Aborted')
    const done = await successes()
    expect(done.length % 200).toBe(0)
    expect(done.length).toBeLessThan(5000)
    expect([...done, ...(await unprocessed())].map(row => row.Name)).toEqual(rows)
    expect(await connection.query('SELECT COUNT() FROM Account')).toMatchObject({ totalSize: done.length })
    expect(await call(connection, 'PATCH', `/jobs/ingest/${id}`, { state: 'Aborted' })).toMatchObject({
      status: 400,
      body: [{ errorCode: 'INVALIDJOBSTATE', message: 'Aborting already Completed Job not allowed' }],
    })
  })

  test('writes 200 records a transaction, and its events say that they come from a bulk load', async () => {
    const dataFolder = newFolder()
    const { connection, sandbox } = await connect({ dataFolder })
    const rows = Array.from({ length: 401 }, (_, i) => `Row ${i}`)
    await load(connection, { object: 'Account', operation: 'insert' }, `Name\n${rows.join('\n')}\n`)
    const { entries } = await sandboxCall(sandbox, 'GET', 'journal?object=Account')
    expect(entries).toHaveLength(401)
    expect(new Set(entries.map((entry: Json) => entry.by))).toEqual(new Set(['loader']))
    const lines: Json[] = readFileSync(join(dataFolder, 'journal.jsonl'), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line))
    const bulk = lines.filter(line => line.e?.some((change: Json) => change[1] === 'Account'))
    expect(bulk.map(line => [line.e.length, line.origin])).toEqual([
      [200, 'com/salesforce/api/bulkapi/67.0;client=loader'],
      [200, 'com/salesforce/api/bulkapi/67.0;client=loader'],
      [1, 'com/salesforce/api/bulkapi/67.0;client=loader'],
    ])
  })

  test('goes on after a stop, and its results are those of the whole', async () => {
    const dataFolder = newFolder()
    const first = await connect({ dataFolder, bulkPauseMs: 20 })
    const rows = Array.from({ length: 3000 }, (_, i) => (i % 7 === 0 ? `,${i}` : `Row ${i},${i}`))
    const { id } = (await create(first.connection, { object: 'Account', operation: 'insert' })).body
    await raw(first.connection, 'PUT', `ingest/${id}/batches`, `Name,Site\n${rows.join('\n')}\n`)
    await close(first.connection, id)
    await eventually(async () =>
      (await state(first.connection, id)).body.numberRecordsProcessed > 0 ? true : undefined,
    )
    await first.sandbox.close()
    const second = await connect({ dataFolder })
    const { job, successes, failures } = await finished(second.connection, id)
    expect(job).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 3000, numberRecordsFailed: 429 })
    const sites = [...(await successes()), ...(await failures())].map(row => Number(row.Site))
    expect(sites.sort((a, b) => a - b)).toEqual(rows.map((_, i) => i))
    expect(await second.connection.query('SELECT COUNT() FROM Account')).toMatchObject({ totalSize: 3000 - 429 })
    const { body } = await call(second.connection, 'GET', '/jobs/ingest')
    expect(body).toMatchObject({ done: true, records: [{ id, state: 'JobComplete' }], nextRecordsUrl: null })
  })

  test('takes compressed uploads, refuses too large ones, and is forgotten after a week', async () => {
    const { connection, sandbox } = await connect({ metadata: { ...METADATA, limits: { bulkUploadBytes: 100_000 } } })
    const job = { object: 'Account', operation: 'insert' }
    const packed = { 'content-encoding': 'gzip' }
    const { id } = (await create(connection, job)).body
    const huge = gzipSync(Buffer.alloc(100_001))
    expect(await raw(connection, 'PUT', `ingest/${id}/batches`, huge, packed)).toMatchObject({ status: 413 })
    const upload = gzipSync('Name\nA\n')
    expect(await raw(connection, 'PUT', `ingest/${id}/batches`, upload, packed)).toMatchObject({ status: 201 })
    await close(connection, id)
    expect((await finished(connection, id)).job).toMatchObject({ numberRecordsProcessed: 1, numberRecordsFailed: 0 })
    await sandboxCall(sandbox, 'POST', 'clock', { forwardMs: 8 * 86_400_000 })
    const later = await login(sandbox)
    expect(await state(later, id)).toMatchObject({ status: 404 })
    expect(await call(later, 'GET', '/sobjects/Account/describe')).toMatchObject({ status: 200 })
  })
})
