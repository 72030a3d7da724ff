// The unmodified jsforce client: login, records, queries, collections, descriptions, errors.
import { Connection } from '@jsforce/jsforce-node'
import { describe, expect, test } from 'vitest'
import { call, type Json, login, sandboxCall, sellSomething, startSandbox } from './support.ts'

describe('one record', () => {
  test('is created, read, changed and deleted', async () => {
    const connection = await login(await startSandbox())
    const made = await connection.sobject('Account').create({ Name: 'Acme', BillingCity: 'Bonn', AnnualRevenue: 1000 })
    expect(made).toMatchObject({ success: true, errors: [] })
    const id = made.id ?? ''
    const record = await connection.sobject('Account').retrieve(id.slice(0, 15))
    expect(record).toMatchObject({
      Id: id,
      Name: 'Acme',
      BillingAddress: { city: 'Bonn', street: null },
      IsDeleted: false,
    })
    expect(record.CreatedDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/)
    await connection.sobject('Account').update({ Id: id, Name: 'Acme 2', BillingCity: null })
    expect(await connection.sobject('Account').retrieve(id)).toMatchObject({ Name: 'Acme 2', BillingAddress: null })
    await connection.sobject('Account').destroy(id)
    await expect(connection.sobject('Account').retrieve(id)).rejects.toMatchObject({ errorCode: 'NOT_FOUND' })
    expect((await call(connection, 'PATCH', `/sobjects/Account/${id}`, { Name: 'x' })).body[0].errorCode).toBe(
      'ENTITY_IS_DELETED',
    )
    const all = await connection.query('SELECT Id FROM Account', { scanAll: true })
    expect(all.totalSize).toBe(1)
  })

  test('is upserted by an external id, also one with a slash in it', async () => {
    const connection = await login(await startSandbox())
    const path = `/sobjects/Account/Plumbline_Ref__c/${encodeURIComponent('A/B #1?')}`
    const first = await call(connection, 'PATCH', path, { Name: 'Acme' })
    expect(first).toMatchObject({ status: 201, body: { success: true, created: true } })
    expect(await call(connection, 'PATCH', path, { Name: 'Acme 2' })).toMatchObject({
      status: 200,
      body: { id: first.body.id, created: false },
    })
    expect(await call(connection, 'GET', path)).toMatchObject({
      status: 200,
      body: { Name: 'Acme 2', Plumbline_Ref__c: 'A/B #1?' },
    })
    expect(
      (
        await call(connection, 'PATCH', path.replace('v67.0', 'v45.0').replace(/^/, '/services/data/v45.0'), {
          Name: 'Acme 3',
        })
      ).status,
    ).toBe(204)
    expect(await call(connection, 'PATCH', path, { Name: 'x', Plumbline_Ref__c: 'y' })).toMatchObject({
      status: 400,
      body: [{ errorCode: 'INVALID_FIELD' }],
    })
    expect(await call(connection, 'PATCH', '/sobjects/Account/Nope__c/1', { Name: 'x' })).toMatchObject({
      status: 404,
      body: [{ message: 'Provided external ID field does not exist or is not accessible: Nope__c' }],
    })
    expect(
      (await call(connection, 'PATCH', '/sobjects/Account/Plumbline_Ref__c/new?updateOnly=true', { Name: 'x' })).status,
    ).toBe(404)
  })

  test('whose external id is not unique has several choices', async () => {
    const connection = await login(await startSandbox())
    for (const Name of ['a', 'b']) await connection.sobject('Account').create({ Name, Legacy__c: 'L1' })
    const reply = await call(connection, 'PATCH', '/sobjects/Account/Legacy__c/L1', { Name: 'x' })
    expect(reply.status).toBe(300)
    expect(reply.body).toHaveLength(2)
    expect(reply.body[0]).toMatch(/^\/services\/data\/v67.0\/sobjects\/Account\/001/)
  })

  test('is changed only if nobody changed it since', async () => {
    const connection = await login(await startSandbox())
    const { id } = await connection.sobject('Order').create({
      AccountId: (await connection.sobject('Account').create({ Name: 'A' })).id,
      EffectiveDate: '2026-01-01',
      Status: 'Draft',
    })
    const since = (seconds: number) => ({ 'If-Unmodified-Since': new Date(Date.now() + seconds * 1000).toUTCString() })
    expect((await call(connection, 'PATCH', `/sobjects/Order/${id}`, { Description: 'x' }, since(-3600))).status).toBe(
      412,
    )
    expect((await call(connection, 'PATCH', `/sobjects/Order/${id}`, { Description: 'x' }, since(5))).status).toBe(204)
  })

  test('names its parent by external id', async () => {
    const connection = await login(await startSandbox())
    const account = await connection.sobject('Account').create({ Name: 'A', Plumbline_Ref__c: 'C-1' })
    const contact = await call(connection, 'POST', '/sobjects/Contact', {
      LastName: 'Doe',
      Account: { Plumbline_Ref__c: 'C-1' },
    })
    expect((await call(connection, 'GET', `/sobjects/Contact/${contact.body.id}`)).body.AccountId).toBe(account.id)
    expect(
      (await call(connection, 'POST', '/sobjects/Contact', { LastName: 'Doe', Account: { Plumbline_Ref__c: 'C-2' } }))
        .status,
    ).toBe(400)
  })
})

describe('refusals', () => {
  test('say what is wrong in the words of Salesforce', async () => {
    const connection = await login(await startSandbox())
    const refusal = async (type: string, body: unknown) =>
      (await call(connection, 'POST', `/sobjects/${type}`, body)).body[0]
    expect(await refusal('Account', {})).toEqual({
      errorCode: 'REQUIRED_FIELD_MISSING',
      message: 'Required fields are missing: [Name]',
      fields: ['Name'],
    })
    expect(await refusal('Account', { Name: 'x', foo: 1 })).toMatchObject({
      errorCode: 'INVALID_FIELD',
      message: "No such column 'foo' on sobject of type Account",
    })
    expect(await refusal('Account', { Name: 'x'.repeat(256) })).toMatchObject({ errorCode: 'STRING_TOO_LONG' })
    expect(await refusal('Contact', { LastName: 'x', AccountId: '001000000000001' })).toMatchObject({
      errorCode: 'INVALID_CROSS_REFERENCE_KEY',
    })
    expect(await refusal('Account', { Name: 'x', CreatedDate: '2026-01-01T00:00:00Z' })).toMatchObject({
      errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE',
    })
    const { id } = await connection.sobject('Account').create({ Name: 'x', Plumbline_Ref__c: 'K' })
    expect(await refusal('Account', { Name: 'y', Plumbline_Ref__c: 'k' })).toMatchObject({
      errorCode: 'DUPLICATE_VALUE',
      message: `duplicate value found: Plumbline_Ref__c duplicates value on record with id: ${id}`,
    })
    expect((await call(connection, 'POST', '/sobjects/Nope', {})).body[0]).toEqual({
      errorCode: 'NOT_FOUND',
      message: 'The requested resource does not exist',
    })
    expect((await call(connection, 'PUT', '/sobjects/Account', {})).status).toBe(405)
    const versions: Json = await (await fetch(`${connection.instanceUrl}//services/data`)).json()
    expect(versions.at(-1).version).toBe('68.0')
  })

  test('an unknown error in the sandbox never takes it down', async () => {
    const sandbox = await startSandbox()
    const response = await fetch(`${sandbox.url}/services/data/v67.0/query?q=%E0%A4%A`, {
      headers: { authorization: 'Bearer x' },
    })
    expect(response.status).toBe(401)
    expect((await sandboxCall(sandbox, 'GET', 'health')).status).toBe('ok')
  })
})

describe('quotes and orders', () => {
  test('a quote takes its account from the opportunity and its totals from the lines', async () => {
    const connection = await login(await startSandbox())
    const { accountId, opportunityId, pricebookId, entryIds } = await sellSomething(connection)
    const quote = await connection
      .sobject('Quote')
      .create({ Name: 'Q', OpportunityId: opportunityId, Pricebook2Id: pricebookId, Tax: 1.1, ShippingHandling: 2.2 })
    const line = await connection
      .sobject('QuoteLineItem')
      .create({ QuoteId: quote.id, PricebookEntryId: entryIds[0], Quantity: 3, UnitPrice: 0.1, Discount: 10 })
    await connection
      .sobject('QuoteLineItem')
      .create({ QuoteId: quote.id, PricebookEntryId: entryIds[1], Quantity: 1, UnitPrice: 0.2 })
    expect(await connection.sobject('QuoteLineItem').retrieve(line.id ?? '')).toMatchObject({
      Subtotal: 0.3,
      TotalPrice: 0.27,
      ListPrice: 10,
    })
    expect(await connection.sobject('Quote').retrieve(quote.id ?? '')).toMatchObject({
      AccountId: accountId,
      QuoteNumber: '00000001',
      Status: 'Draft',
      Subtotal: 0.5,
      TotalPrice: 0.47,
      GrandTotal: 3.77,
      LineItemCount: 2,
    })
    await expect(connection.sobject('Quote').update({ Id: quote.id ?? '', Status: 'Maybe' })).rejects.toMatchObject({
      errorCode: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    })
  })

  test('an order is activated only with products, also into a custom status', async () => {
    const connection = await login(await startSandbox())
    const { accountId, pricebookId, entryIds } = await sellSomething(connection)
    const { id = '' } = await connection
      .sobject('Order')
      .create({ AccountId: accountId, Pricebook2Id: pricebookId, EffectiveDate: '2026-01-31', Status: 'Draft' })
    const order = connection.sobject('Order')
    await expect(order.update({ Id: id, Status: 'Activated' })).rejects.toMatchObject({
      errorCode: 'FAILED_ACTIVATION',
    })
    await connection
      .sobject('OrderItem')
      .create({ OrderId: id, PricebookEntryId: entryIds[0], Quantity: 2, UnitPrice: 10.05 })
    await order.update({ Id: id, Status: 'Activated' })
    await order.update({ Id: id, Status: 'Shipped' })
    expect(await order.retrieve(id)).toMatchObject({ StatusCode: 'Activated', Status: 'Shipped', TotalAmount: 20.1 })
    await expect(
      connection.sobject('OrderItem').create({ OrderId: id, PricebookEntryId: entryIds[0], Quantity: 2, UnitPrice: 1 }),
    ).rejects.toMatchObject({ errorCode: 'FIELD_INTEGRITY_EXCEPTION' })
  })

  test('a price in a custom book needs a standard price first', async () => {
    const connection = await login(await startSandbox())
    const book = await connection.sobject('Pricebook2').create({ Name: 'EU', IsActive: true })
    const product = await connection.sobject('Product2').create({ Name: 'P' })
    await expect(
      connection.sobject('PricebookEntry').create({ Pricebook2Id: book.id, Product2Id: product.id, UnitPrice: 1 }),
    ).rejects.toMatchObject({ errorCode: 'STANDARD_PRICE_NOT_DEFINED' })
  })
})

describe('queries', () => {
  test('filter, follow parents, hold children, count and group', async () => {
    const connection = await login(await startSandbox())
    const { accountId, opportunityId, pricebookId, entryIds } = await sellSomething(connection)
    const quote = await connection
      .sobject('Quote')
      .create({ Name: "O'Neil", OpportunityId: opportunityId, Pricebook2Id: pricebookId })
    for (const entry of entryIds)
      await connection
        .sobject('QuoteLineItem')
        .create({ QuoteId: quote.id, PricebookEntryId: entry, Quantity: 1, UnitPrice: 5 })
    const ask = async (soql: string) => (await connection.query<Json>(soql)).records
    const [found] = await ask(
      `SELECT Id, Opportunity.Account.Name, (SELECT Quantity, Product2.Name FROM QuoteLineItems WHERE UnitPrice > 1 ORDER BY Product2.Name DESC LIMIT 2) FROM Quote WHERE Id IN ('${quote.id}') AND (Name LIKE 'o\\'n%' OR NOT (Tax = null))`,
    )
    expect(found).toMatchObject({
      attributes: { type: 'Quote' },
      Opportunity: { attributes: { type: 'Opportunity' }, Account: { Name: 'Acme' } },
      QuoteLineItems: { totalSize: 2, done: true },
    })
    expect(found.QuoteLineItems.records[0].Product2.Name).toBe('Product 2')
    expect(
      await ask('SELECT Id FROM Account WHERE CreatedDate = TODAY AND CreatedDate > 2020-01-01T00:00:00Z'),
    ).toHaveLength(1)
    expect(
      await ask(
        'SELECT Id FROM Opportunity WHERE CloseDate >= 2026-12-31 AND CloseDate < 2027-01-01 AND Amount = null',
      ),
    ).toHaveLength(1)
    expect(
      await ask(
        `SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Opportunity WHERE StageName != 'Closed Won')`,
      ),
    ).toMatchObject([{ Id: accountId }])
    expect(
      await ask(`SELECT Id FROM QuoteLineItem WHERE Quote.AccountId = '${accountId}' AND Quote.Name = 'O\\'Neil'`),
    ).toHaveLength(3)
    expect((await connection.query('SELECT COUNT() FROM Product2')).totalSize).toBe(3)
    expect(
      await ask(
        'SELECT Quantity q, COUNT(Id), SUM(TotalPrice) total FROM QuoteLineItem GROUP BY Quantity HAVING COUNT(Id) > 2',
      ),
    ).toMatchObject([{ q: 1, expr0: 3, total: 15 }])
    expect((await ask('SELECT FIELDS(ALL) FROM Product2 ORDER BY ProductCode DESC LIMIT 1'))[0].ProductCode).toBe('P-2')
    expect(await ask('SELECT Id FROM Product2 ORDER BY Name LIMIT 1 OFFSET 1')).toHaveLength(1)
    expect(await ask('SELECT Id FROM Account WHERE SystemModstamp >= LAST_N_DAYS:2')).toHaveLength(1)
  })

  test('describe their columns to the sf command line', async () => {
    const connection = await login(await startSandbox())
    const columns = async (soql: string) =>
      (await call(connection, 'GET', `/query?q=${encodeURIComponent(soql)}&columns=true`)).body
    expect(
      await columns('SELECT id, Name, parent.owner.name, (SELECT LastName, Owner.Name FROM contacts) FROM Account'),
    ).toMatchObject({
      entityName: 'Account',
      keyPrefix: '001',
      idSelected: true,
      columnMetadata: [
        { columnName: 'Id', aggregate: false, joinColumns: [] },
        { columnName: 'Name', textType: true },
        {
          columnName: 'Parent',
          foreignKeyName: 'ParentId',
          joinColumns: [{ columnName: 'Owner', joinColumns: [{ columnName: 'Name' }] }],
        },
        {
          columnName: 'Contacts',
          aggregate: true,
          joinColumns: [{ columnName: 'LastName' }, { columnName: 'Owner', joinColumns: [{ columnName: 'Name' }] }],
        },
      ],
    })
    expect(
      await columns(
        'SELECT Parent.Name, COUNT(Id), MAX(Name), SUM(AnnualRevenue) total FROM Account GROUP BY Parent.Name',
      ),
    ).toMatchObject({
      groupBy: true,
      columnMetadata: [
        { columnName: 'Name', joinColumns: [] },
        { columnName: 'expr0', displayName: 'COUNT(Id)', aggregate: true },
        { columnName: 'expr1', displayName: 'MAX(Name)', aggregate: true },
        { columnName: 'total', displayName: 'total', aggregate: true },
      ],
    })
  })

  test('children of custom objects have custom relationships', async () => {
    const connection = await login(await startSandbox())
    const account = await connection.sobject('Account').create({ Name: 'A' })
    const order = await connection
      .sobject('Order')
      .create({ AccountId: account.id, EffectiveDate: '2026-01-01', Status: 'Draft' })
    const invoice = await connection.sobject('Invoice__c').create({ Order__c: order.id, Amount__c: 12.345 })
    expect(await connection.sobject('Invoice__c').retrieve(invoice.id ?? '')).toMatchObject({
      Name: 'INV-00001',
      Amount__c: 12.35,
      Paid__c: false,
    })
    const [found] = (
      await connection.query<Json>('SELECT Id, (SELECT Name, Order__r.Account.Name FROM Invoices__r) FROM Order')
    ).records
    expect(found.Invoices__r.records).toMatchObject([{ Name: 'INV-00001', Order__r: { Account: { Name: 'A' } } }])
  })

  test('with mistakes are refused', async () => {
    const connection = await login(await startSandbox())
    const refusal = async (soql: string) =>
      (await call(connection, 'GET', `/query?q=${encodeURIComponent(soql)}`)).body[0]
    expect(await refusal('SELECT Id FORM Account')).toMatchObject({
      errorCode: 'MALFORMED_QUERY',
      message: expect.stringMatching(/unexpected token: 'FORM'$/),
    })
    expect(await refusal('SELECT Foo FROM Account')).toMatchObject({
      errorCode: 'INVALID_FIELD',
      message: expect.stringContaining("No such column 'Foo' on entity 'Account'"),
    })
    expect(await refusal('SELECT Id FROM Nope')).toMatchObject({
      errorCode: 'INVALID_TYPE',
      message: expect.stringContaining("sObject type 'Nope' is not supported"),
    })
    expect(await refusal("SELECT Id FROM Opportunity WHERE Amount = '1'")).toMatchObject({
      errorCode: 'INVALID_FIELD',
      message: expect.stringContaining('should not be enclosed in quotes'),
    })
    expect((await call(connection, 'GET', '/query/01gbad-2000')).body[0].errorCode).toBe('INVALID_QUERY_LOCATOR')
  })

  test('of more than 2000 rows come in pages', async () => {
    const connection = await login(await startSandbox())
    for (let i = 0; i < 11; i++) {
      const results = await connection
        .sobject('Account')
        .create(Array.from({ length: 200 }, (_, k) => ({ Name: `A${i * 200 + k}` })))
      expect(results.every(result => result.success)).toBe(true)
    }
    const first = await connection.query<{ Name: string }>('SELECT Name FROM Account ORDER BY Name')
    expect(first).toMatchObject({ totalSize: 2200, done: false })
    expect(first.records).toHaveLength(2000)
    const second = await connection.queryMore<{ Name: string }>(first.nextRecordsUrl ?? '')
    expect(second).toMatchObject({ done: true })
    expect(new Set([...first.records, ...second.records].map(record => record.Name)).size).toBe(2200)
  })
})

describe('collections', () => {
  test('each record stands alone, or all stand together', async () => {
    const connection = await login(await startSandbox())
    const mixed = await connection.sobject('Account').create([{ Name: 'ok' }, { Legacy__c: 'no name' }])
    expect(mixed).toMatchObject([
      { success: true },
      { success: false, errors: [{ statusCode: 'REQUIRED_FIELD_MISSING', fields: ['Name'] }] },
    ])
    const none = await connection
      .sobject('Account')
      .create([{ Name: 'ok' }, { Legacy__c: 'no name' }], { allOrNone: true })
    expect(none).toMatchObject([
      { success: false, errors: [{ statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK' }] },
      { success: false },
    ])
    expect((await connection.query('SELECT COUNT() FROM Account')).totalSize).toBe(1)
    const upserted = await connection.sobject('Account').upsert(
      [
        { Plumbline_Ref__c: 'a', Name: 'A' },
        { Plumbline_Ref__c: 'b', Name: 'B' },
      ],
      'Plumbline_Ref__c',
    )
    expect(upserted).toMatchObject([
      { success: true, created: true },
      { success: true, created: true },
    ])
    const same = [1, 2].map(n => ({ Plumbline_Ref__c: 'twice', Name: `N${n}` }))
    expect(await connection.sobject('Account').upsert(same, 'Plumbline_Ref__c')).toMatchObject(
      same.map(() => ({ success: false, errors: [{ statusCode: 'DUPLICATE_VALUE' }] })),
    )
    const ids = upserted.map(result => result.id ?? '')
    const updated = await connection.sobject('Account').update(ids.map(Id => ({ Id, Name: 'C' })))
    expect(updated.every(result => result.success)).toBe(true)
    expect((await connection.sobject('Account').retrieve(ids)).map(record => record.Name)).toEqual(['C', 'C'])
    expect((await connection.sobject('Account').destroy(ids)).every(result => result.success)).toBe(true)
  })
})

describe('descriptions', () => {
  test('tell of objects and fields', async () => {
    const connection = await login(await startSandbox())
    expect((await connection.describeGlobal()).sobjects.map(object => object.name)).toContain('Invoice__c')
    const quote = await connection.sobject('Quote').describe()
    expect(quote).toMatchObject({ name: 'Quote', keyPrefix: '0Q0', createable: true })
    expect(quote.childRelationships.find(child => child.childSObject === 'QuoteLineItem')).toMatchObject({
      relationshipName: 'QuoteLineItems',
      field: 'QuoteId',
      cascadeDelete: true,
    })
    expect(quote.fields.find(field => field.name === 'Plumbline_Ref__c')).toMatchObject({
      externalId: true,
      unique: true,
      length: 64,
    })
    expect(quote.fields.find(field => field.name === 'GrandTotal')).toMatchObject({
      createable: false,
      type: 'currency',
      scale: 2,
    })
    const start = new Date(Date.now() - 3600_000)
    const made = await connection.sobject('Account').create({ Name: 'x' })
    expect((await connection.sobject('Account').updated(start, new Date(Date.now() + 1000))).ids).toEqual([made.id])
    expect(await connection.limits()).toMatchObject({ DataStorageMB: { Max: 10240 } })
  })

  test('a sandbox without metadata has the standard objects', async () => {
    const connection = await login(await startSandbox({ metadata: undefined }))
    expect((await connection.describeGlobal()).sobjects.map(object => object.name)).toContain('OrderItem')
    expect(connection).toBeInstanceOf(Connection)
  })
})
