// The sandbox as a process of its own, started by plain node: it says when it is ready, survives being killed, and
// says clearly when it cannot start.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { call, eventually, login, METADATA, newFolder, sandboxCall } from './support.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

type Running = { child: ChildProcess; url: string; pubsubPort: number; port: number; close(): Promise<void> }

function start(flags: readonly string[]): { child: ChildProcess; out: () => string; err: () => string } {
  const child = spawn(process.execPath, ['--conditions=plumbline-source', MAIN, ...flags])
  onTestFinished(() => void child.kill('SIGKILL'))
  let out = ''
  let err = ''
  child.stdout.on('data', chunk => (out += chunk))
  child.stderr.on('data', chunk => (err += chunk))
  return { child, out: () => out, err: () => err }
}

async function run(flags: readonly string[]): Promise<Running> {
  const { child, out } = start(flags)
  const line = await eventually(() => (out().includes('\n') ? out() : undefined), 10_000)
  const { url, pubsubPort } = JSON.parse(line)
  return { child, url, pubsubPort, port: Number(new URL(url).port), close: async () => void child.kill() }
}

const authorized = (token: string | null | undefined) => ({
  authorization: `Bearer ${token}`,
  'content-type': 'text/csv',
})

test('what was answered is there after kill -9, and SIGTERM ends it cleanly', async () => {
  const data = newFolder()
  const metadata = join(data, 'metadata.json')
  writeFileSync(metadata, JSON.stringify(METADATA))
  const flags = ['--pubsub-port', '0', '--data', data, '--metadata', metadata]
  const first = await run(['--port', '0', ...flags])
  const connection = await login(first)
  const made = await call(connection, 'POST', '/sobjects/Invoice__c', { Amount__c: 5, Plumbline_Ref__c: 'I-1' })
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  const second = await run(['--port', String(first.port), ...flags])
  expect((await call(connection, 'GET', '/sobjects/Invoice__c/Plumbline_Ref__c/I-1')).body).toMatchObject({
    Id: made.body.id,
    Amount__c: 5,
  })
  expect((await sandboxCall(second, 'GET', 'health')).status).toBe('ok')
  second.child.kill('SIGTERM')
  expect(await once(second.child, 'exit')).toEqual([0, null])
})

test('a bulk job that kill -9 interrupts goes on, and no row of it is lost or done twice', async () => {
  const data = newFolder()
  const metadata = join(data, 'metadata.json')
  writeFileSync(metadata, JSON.stringify(METADATA))
  const flags = ['--pubsub-port', '0', '--data', data, '--metadata', metadata]
  const first = await run(['--port', '0', ...flags, '--bulk-pause-ms', '40'])
  const connection = await login(first)
  const rows = Array.from({ length: 4000 }, (_, i) => (i % 9 === 0 ? `,${i}` : `Row ${i},${i}`))
  const { body } = await call(connection, 'POST', '/jobs/ingest', { object: 'Account', operation: 'insert' })
  const path = `/services/data/v67.0/jobs/ingest/${body.id}`
  const text = async (part: string) =>
    (await fetch(`${first.url}${path}/${part}`, { headers: authorized(connection.accessToken) })).text()
  const upload = { method: 'PUT', headers: authorized(connection.accessToken), body: `Name,Site\n${rows.join('\n')}\n` }
  expect((await fetch(`${first.url}${path}/batches`, upload)).status).toBe(201)
  await call(connection, 'PATCH', path, { state: 'UploadComplete' })
  const job = async () => (await call(connection, 'GET', path)).body
  await eventually(async () => ((await job()).numberRecordsProcessed >= 600 ? true : undefined), 20_000)
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  await run(['--port', String(first.port), ...flags])
  const done = await eventually(async () => ((await job()).state === 'JobComplete' ? job() : undefined), 20_000)
  const failures = rows.filter(row => row.startsWith(','))
  expect(done).toMatchObject({ numberRecordsProcessed: 4000, numberRecordsFailed: failures.length })
  const told = [await text('successfulResults'), await text('failedResults')].flatMap(csv =>
    csv.trimEnd().split('\n').slice(1),
  )
  const sites = told.map(line => Number(/"(\d+)"$/.exec(line)?.[1]))
  expect(sites.sort((a, b) => a - b)).toEqual(rows.map((_, i) => i))
  const all = await connection.query('SELECT COUNT() FROM Account')
  expect(all.totalSize).toBe(4000 - failures.length)
})

test('a port in use and bad metadata are told in one sentence', async () => {
  const first = await run(['--port', '0', '--pubsub-port', '0', '--data', newFolder()])
  const second = start(['--port', String(first.port), '--pubsub-port', '0', '--data', newFolder()])
  expect(await once(second.child, 'exit')).toEqual([1, null])
  expect(second.err()).toMatch(/^The Salesforce sandbox cannot start: port \d+ is already in use\n$/)
  const third = start(['--port', '0', '--pubsub-port', String(first.pubsubPort), '--data', newFolder()])
  expect(await once(third.child, 'exit')).toEqual([1, null])
  expect(third.err()).toMatch(/^The Salesforce sandbox cannot start: .*already in use.*\n$/)
  const bad = start(['--port', '0', '--pubsub-port', '0', '--data', newFolder(), '--metadata', '/no/such/file.json'])
  expect(await once(bad.child, 'exit')).toEqual([1, null])
  expect(bad.err()).toMatch(/^The Salesforce sandbox cannot start: ENOENT.*file\.json'\n$/)
})
