// The unmodified sf command line against the sandbox: logging in both ways, queries, records, descriptions, trees.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { newSfCli, type SfCli } from '../../../test/support/sf-cli.ts'
import { type SalesforceSandbox, startSalesforceSandbox } from '../src/index.ts'
import { type Json, login, METADATA } from '../test/support.ts'

// A command takes seconds, and a busy machine longer.
vi.setConfig({ testTimeout: 240_000 })

let sandbox: SalesforceSandbox
let sf: SfCli
let data: string
let accountId: string

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'plumbline-sf-data-'))
  sf = await newSfCli()
  sandbox = await startSalesforceSandbox({ port: 0, pubsubPort: 0, dataFolder: data, metadata: METADATA, jwtKey: true })
}, 600_000)

afterAll(async () => {
  await sandbox?.close()
  sf?.remove()
  rmSync(data, { recursive: true, force: true })
})

/** What a command answers with --json, when it succeeds. */
async function ask(...args: readonly string[]): Promise<Json> {
  const { code, json } = await sf.run(...args, '--json')
  if (code !== 0) throw new Error(`sf ${args.join(' ')} ended with ${code}: ${JSON.stringify(json)}`)
  return json.result
}

test('somebody with an access token logs in', async () => {
  const { accessToken } = await login(sandbox)
  const result = await sf
    .withEnvironment({ SF_ACCESS_TOKEN: accessToken ?? '' })
    .run('org', 'login', 'access-token', '--instance-url', sandbox.url, '--no-prompt', '--alias', 'token', '--json')
  expect(result).toMatchObject({ code: 0, json: { result: { username: 'admin@sandbox.example' } } })
  expect(await ask('org', 'display', '--target-org', 'token')).toMatchObject({
    username: 'admin@sandbox.example',
    connectedStatus: 'Connected',
    instanceUrl: expect.stringContaining(sandbox.url),
    alias: 'token',
  })
})

test('somebody with a key logs in by JWT', async () => {
  const key = join(data, 'jwt-key.pem')
  const result = await ask(
    ...['org', 'login', 'jwt', '--client-id', 'sandbox-admin', '--jwt-key-file', key],
    ...['--username', 'admin@sandbox.example', '--instance-url', sandbox.url, '--alias', 'jwt', '--set-default'],
  )
  expect(result).toMatchObject({ username: 'admin@sandbox.example', instanceUrl: sandbox.url })
  const { out } = await sf.run('org', 'display')
  expect(out).toMatch(/Connected Status\W+Connected/)
  expect(out).toMatch(/Client Id\W+sandbox-admin/)
})

test('the limits of the org are listed', async () => {
  const limits: Json[] = await ask('org', 'list', 'limits')
  expect(limits).toContainEqual(expect.objectContaining({ name: 'DailyApiRequests', max: 5_000_000 }))
  expect(limits.find(limit => limit.name === 'DailyApiRequests').remaining).toBeLessThan(5_000_000)
})

test('a record is created, read, changed and found by what it holds', async () => {
  const made = await ask('data', 'create', 'record', '--sobject', 'Account', '--values', "Name='Acme AG' Site=Bonn")
  accountId = made.id
  expect(accountId).toMatch(/^001\w{15}$/)
  await ask('data', 'update', 'record', '--sobject', 'Account', '--record-id', accountId, '--values', 'Site=Essen')
  await ask('data', 'update', 'record', '--sobject', 'Account', '--where', "Name='Acme AG'", '--values', 'Phone=12')
  expect(await ask('data', 'get', 'record', '--sobject', 'Account', '--where', "Name='Acme AG'")).toMatchObject({
    Id: accountId,
    Site: 'Essen',
    Phone: '12',
  })
  const refused = await sf.run('data', 'create', 'record', '--sobject', 'Account', '--values', 'Site=Bonn', '--json')
  expect(refused.code).toBe(1)
  expect(JSON.stringify(refused.json)).toContain('Required fields are missing: [Name]')
})

test('a query is shown as a table, as JSON and as CSV, with parents, children and sums', async () => {
  await ask('data', 'create', 'record', '--sobject', 'Contact', '--values', `LastName=Stone AccountId=${accountId}`)
  await ask('data', 'create', 'record', '--sobject', 'Contact', '--values', `LastName=Wood AccountId=${accountId}`)
  const parents = 'SELECT LastName, Account.Name, Account.Owner.Name FROM Contact ORDER BY LastName'
  const table = await sf.run('data', 'query', '--query', parents)
  expect(table.out).toMatch(/LASTNAME.*ACCOUNT\.NAME.*ACCOUNT\.OWNER\.NAME/)
  expect(table.out).toMatch(/Stone.*Acme AG.*Sandbox Admin/)
  expect(table.out).toContain('Total number of records retrieved: 2.')
  const csv = await sf.run('data', 'query', '--query', parents, '--result-format', 'csv')
  expect(csv.out.trim().split('\n')).toEqual([
    'LastName,Account.Name,Account.Owner.Name',
    'Stone,Acme AG,Sandbox Admin',
    'Wood,Acme AG,Sandbox Admin',
  ])
  const children = 'SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName) FROM Account'
  expect(await ask('data', 'query', '--query', children)).toMatchObject({
    totalSize: 1,
    done: true,
    records: [{ Name: 'Acme AG', Contacts: { totalSize: 2, records: [{ LastName: 'Stone' }, { LastName: 'Wood' }] } }],
  })
  const nested = await sf.run('data', 'query', '--query', children)
  expect(nested.out).toMatch(/NAME.*CONTACTS\.LASTNAME/)
  expect(nested.out).toMatch(/Acme AG.*Stone/)
  const grouped = await sf.run(
    ...['data', 'query', '--result-format', 'csv', '--query'],
    'SELECT Account.Name, COUNT(Id), MAX(LastName) newest FROM Contact GROUP BY Account.Name',
  )
  expect(grouped.out.trim().split('\n')).toEqual(['Name,COUNT(Id),newest', 'Acme AG,2,Wood'])
  const count = await sf.run('data', 'query', '--query', 'SELECT COUNT() FROM Contact')
  expect(count.out).toContain('Total number of records retrieved: 2.')
})

test('what cannot be asked is refused in words', async () => {
  const wrong = await sf.run('data', 'query', '--query', 'SELECT Nothing FROM Account', '--json')
  expect(wrong).toMatchObject({ code: 1, json: { name: 'INVALID_FIELD' } })
  expect(wrong.json.message).toContain("No such column 'Nothing' on entity 'Account'")
  const tooling = await sf.run('data', 'query', '--query', 'SELECT Id FROM ApexClass', '--use-tooling-api', '--json')
  expect(tooling.code).toBe(1)
  expect(tooling.json.message).toContain('This sandbox has no Tooling API')
})

test('objects are listed and described', async () => {
  const names: string[] = await ask('sobject', 'list', '--sobject', 'all')
  expect(names).toEqual(expect.arrayContaining(['Account', 'Quote', 'Invoice__c']))
  expect(await ask('sobject', 'list', '--sobject', 'custom')).toEqual(['Invoice__c', 'Invoice_Line__c'])
  const described = await ask('sobject', 'describe', '--sobject', 'Invoice__c')
  expect(described).toMatchObject({ name: 'Invoice__c', label: 'Invoice', custom: true, createable: true })
  expect(described.fields.find((field: Json) => field.name === 'Order__c')).toMatchObject({
    type: 'reference',
    referenceTo: ['Order'],
    relationshipName: 'Order__r',
  })
})

test('any call of the REST API can be made', async () => {
  const { out } = await sf.run(
    'api',
    'request',
    'rest',
    `/services/data/v67.0/sobjects/Account/${accountId}?fields=Name`,
  )
  expect(JSON.parse(out)).toMatchObject({ Id: accountId, Name: 'Acme AG' })
})

test('a tree of records is exported, and imported again', async () => {
  const query = `SELECT Name, (SELECT LastName FROM Contacts) FROM Account WHERE Id = '${accountId}'`
  await ask('data', 'export', 'tree', '--query', query)
  const file = readdirSync(sf.folder).find(name => name.endsWith('.json')) ?? ''
  expect(JSON.parse(readFileSync(join(sf.folder, file), 'utf8')).records[0].Contacts.records).toHaveLength(2)
  const imported: Json[] = await ask('data', 'import', 'tree', '--files', file)
  expect(imported.map(row => row.type)).toEqual(['Account', 'Contact', 'Contact'])
  const found = await ask('data', 'query', '--query', `SELECT Id FROM Contact WHERE Account.Name = 'Acme AG'`)
  expect(found.totalSize).toBe(4)
})

test('a record is deleted', async () => {
  await ask('data', 'delete', 'record', '--sobject', 'Account', '--record-id', accountId)
  const gone = await sf.run('data', 'get', 'record', '--sobject', 'Account', '--record-id', accountId, '--json')
  expect(gone).toMatchObject({ code: 1 })
})
