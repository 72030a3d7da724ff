/** What a customer installs: every package built, packed, installed elsewhere, and the example started from there. */
import { execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findRuntime } from '../cli/bin/runtime.mjs'
import { root, workspaces } from './support/sources.ts'

const runtime = findRuntime(import.meta.url)
const node = 'node' in runtime ? runtime.node : ''
const onlyWindowsNeedsAShell = { shell: process.platform === 'win32' }
// A person's shell has none of ours.
const env: NodeJS.ProcessEnv = { ...process.env, NODE_OPTIONS: '' }
for (const name of Object.keys(env)) if (/^(PLUMBLINE|DATABASE_URL|VITEST|npm_|NODE_ENV)/.test(name)) delete env[name]

let scratch: string
let tarballs: string[]
let home: string

const run = (command: string, args: readonly string[], cwd: string) =>
  promisify(execFile)(command, [...args], { cwd, env, maxBuffer: 50_000_000, ...onlyWindowsNeedsAShell })

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'plumbline-pack-'))
  const packed = join(scratch, 'packed')
  home = join(scratch, 'customer')
  await mkdir(packed)
  await mkdir(home)
  await run(node, ['plumbline.mjs', 'build'], root)
  await run('npm', ['pack', '--workspaces', '--ignore-scripts', '--pack-destination', packed], root)
  tarballs = (await readdir(packed)).map(name => join(packed, name))
  await writeFile(join(home, 'package.json'), '{ "name": "a-customer", "private": true, "type": "module" }')
  await run('npm', ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs], home)
}, 300_000)

afterAll(() => rm(scratch, { recursive: true, force: true }))

test('every package is packed, with nothing but what runs', async () => {
  expect(tarballs).toHaveLength(workspaces().length)
  const { stdout } = await run('npm', ['pack', '--workspaces', '--ignore-scripts', '--dry-run', '--json'], root)
  const packs = Object.values(JSON.parse(stdout) as Record<string, { name: string; files: { path: string }[] }>)
  const paths = packs.flatMap(({ name, files }) => files.map(({ path }) => `${name}/${path}`))
  expect(paths).toContain('@plumbline/engine/dist/store/migrations/0001_spine.sql')
  expect(paths).toContain('@plumbline/example-quote-to-cash/salesforce.metadata.json')
  expect(paths).toContain('@plumbline/console/dist/index.html')
  expect(paths.filter(path => /\.test\.|(?<!\.d)\.ts$|\/test\//.test(path))).toEqual([])
})

test('the command line checks the example that was installed', async () => {
  const { stdout } = await run('npx', ['--no-install', 'plumb', 'check', '--json'], home)
  expect(JSON.parse(stdout)).toMatchObject({ project: 'quote-to-cash', findings: [] })
})

test('the types that were installed hold', async () => {
  await writeFile(
    join(home, 'project.ts'),
    `import { contract, moneyOf, text } from '@plumbline/sdk'
     import { sapS4 } from '@plumbline/connector-sap-s4hana'
     import { startEngine } from '@plumbline/engine'
     export const Customer = contract('customer', { name: text('Name').ownedBy('crm') })
     export const total: { amount: string } = moneyOf('1', 'EUR')
     export const connector: string = sapS4.name
     // @ts-expect-error: money has a currency
     moneyOf('1')
     // @ts-expect-error: an engine needs a database
     startEngine({})
    `,
  )
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const flags = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2024']
  const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules', '@types')]
  const { stdout } = await run(node, [tsc, ...flags, ...types, 'project.ts'], home).catch(error => error)
  expect(stdout).toBe('')
  await rm(join(home, 'project.ts'))
})

test('the example starts there with its console, and a quote becomes an order', async () => {
  const ports = [
    '--port',
    '--salesforce-port',
    '--pubsub-port',
    '--s4-port',
    '--consent-port',
    '--postgres-port',
  ].flatMap(flag => [flag, '0'])
  const plumb = join(home, 'node_modules', '@plumbline', 'cli', 'bin', 'plumb.mjs')
  const child = spawn(node, [plumb, 'start', '--json', ...ports], { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let warned = ''
  child.stderr.on('data', text => {
    warned += text
  })
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  const lines = createInterface({ input: child.stdout })
  const said = (words: string): Promise<string> =>
    new Promise((resolve, reject) => {
      lines.on('line', line => line.includes(words) && resolve(line))
      void ended.then(code => reject(new Error(`plumb start ended with ${code}: ${warned}`)))
    })
  const booked = said('booked in')
  try {
    const { ports: open } = JSON.parse(await said('"ready":true')) as { ports: { engine: number } }
    const page = await fetch(`http://127.0.0.1:${open.engine}/`, { headers: { accept: 'text/html' } })
    expect(page.status).toBe(200)
    const [, script] = /<script type="module"[^>]* src="(\/assets\/[^"]+\.js)"/.exec(await page.text()) ?? []
    const served = await fetch(`http://127.0.0.1:${open.engine}${script}`)
    expect(served.headers.get('content-type')).toContain('text/javascript')
    expect(await booked).toMatch(/Quote \d+ accepted → order \d+ booked in/)
  } finally {
    child.kill('SIGTERM')
  }
  expect(await ended).toBe(0)
}, 180_000)
