// The unmodified sf command line loads and extracts in bulk.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { newSfCli, type SfCli } from '../../../test/support/sf-cli.ts'
import { type SalesforceSandbox, startSalesforceSandbox } from '../src/index.ts'
import { type Json, METADATA, sandboxCall } from '../test/support.ts'

// A command takes seconds, and a busy machine longer.
vi.setConfig({ testTimeout: 240_000 })

let sandbox: SalesforceSandbox
let sf: SfCli
let data: string

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'plumbline-sf-data-'))
  sf = await newSfCli()
  sandbox = await startSalesforceSandbox({ port: 0, pubsubPort: 0, dataFolder: data, metadata: METADATA, jwtKey: true })
  await ask(
    ...['org', 'login', 'jwt', '--client-id', 'sandbox-admin', '--jwt-key-file', join(data, 'jwt-key.pem')],
    ...['--username', 'admin@sandbox.example', '--instance-url', sandbox.url, '--set-default'],
  )
}, 600_000)

afterAll(async () => {
  await sandbox?.close()
  sf?.remove()
  rmSync(data, { recursive: true, force: true })
})

async function ask(...args: readonly string[]): Promise<Json> {
  const { code, json } = await sf.run(...args, '--json')
  if (code !== 0) throw new Error(`sf ${args.join(' ')} ended with ${code}: ${JSON.stringify(json)}`)
  return json.result
}

function file(name: string, lines: readonly string[]): string {
  writeFileSync(join(sf.folder, name), `${lines.join('\n')}\n`)
  return name
}

const rowsOf = (path: string): Json[] => parse(readFileSync(join(sf.folder, path)), { columns: true })
const accounts = ['--sobject', 'Account', '--wait', '2']
const NAMES = Array.from({ length: 450 }, (_, i) => `Account ${String(i).padStart(3, '0')}`)

test('records are imported', async () => {
  const csv = file('new.csv', ['Name,Site,Plumbline_Ref__c', ...NAMES.map((name, i) => `${name},"a, ""b""",A-${i}`)])
  expect(await ask('data', 'import', 'bulk', '--file', csv, ...accounts)).toMatchObject({
    processedRecords: 450,
    successfulRecords: 450,
    failedRecords: 0,
  })
  const { entries } = await sandboxCall(sandbox, 'GET', 'journal?object=Account')
  expect(entries).toHaveLength(450)
  expect(entries[0]).toMatchObject({ by: expect.stringContaining('sfdx toolbelt'), fields: { Site: 'a, "b"' } })
})

test('records are upserted by their external id, those that fail are told, and the results are fetched', async () => {
  const csv = file('upsert.csv', ['Plumbline_Ref__c,Name,NumberOfEmployees', 'A-0,Renamed,7', 'B-1,Made,8', 'B-2,,9'])
  const key = ['--external-id', 'Plumbline_Ref__c']
  const upserted = await sf.run('data', 'upsert', 'bulk', '--file', csv, ...key, ...accounts, '--json')
  expect(upserted.code).toBe(1)
  const { jobId } = upserted.json.data
  expect(jobId).toMatch(/^750/)
  expect(await ask('data', 'bulk', 'results', '--job-id', jobId)).toMatchObject({
    processedRecords: 3,
    successfulRecords: 2,
    failedRecords: 1,
    status: 'JobComplete',
  })
  expect(rowsOf(`${jobId}-success-records.csv`)).toMatchObject([
    { Name: 'Renamed', sf__Created: 'false' },
    { Name: 'Made', sf__Created: 'true' },
  ])
  expect(rowsOf(`${jobId}-failed-records.csv`)).toMatchObject([
    { sf__Error: 'REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --', Plumbline_Ref__c: 'B-2' },
  ])
})

test('records are exported', async () => {
  const query = 'SELECT Id, Name, Owner.Name, NumberOfEmployees FROM Account ORDER BY Name'
  const csv = ['--output-file', 'all.csv', '--result-format', 'csv', '--wait', '2']
  expect(await ask('data', 'export', 'bulk', '--query', query, ...csv)).toMatchObject({ totalSize: 451 })
  const rows = rowsOf('all.csv')
  expect(rows.map(row => row.Name)).toEqual([...NAMES.slice(1), 'Made', 'Renamed'])
  expect(rows.at(-1)).toMatchObject({ 'Owner.Name': 'Sandbox Admin', NumberOfEmployees: '7' })
})

test('records are changed and deleted', async () => {
  const rows = rowsOf('all.csv')
  const changes = file('change.csv', ['Id,Site,NumberOfEmployees', ...rows.map(row => `${row.Id},North,#N/A`)])
  expect(await ask('data', 'update', 'bulk', '--file', changes, ...accounts)).toMatchObject({ successfulRecords: 451 })
  const north = "SELECT COUNT() FROM Account WHERE Site = 'North' AND NumberOfEmployees = null"
  expect((await ask('data', 'query', '--query', north)).totalSize).toBe(451)
  const ids = file('delete.csv', ['Id', ...rows.map(row => row.Id)])
  expect(await ask('data', 'delete', 'bulk', '--file', ids, ...accounts)).toMatchObject({
    jobInfo: { operation: 'delete', numberRecordsProcessed: 451, numberRecordsFailed: 0 },
  })
  expect((await ask('data', 'query', '--query', 'SELECT COUNT() FROM Account')).totalSize).toBe(0)
})

test('a file that cannot be read fails as a whole, and says why', async () => {
  const csv = file('wrong.csv', ['Name,Colour__c', 'A,red'])
  const failed = await sf.run('data', 'import', 'bulk', '--file', csv, ...accounts, '--json')
  expect(failed.code).toBe(1)
  expect(failed.json.message).toContain('InvalidBatch : Field name not found : Colour__c')
})
