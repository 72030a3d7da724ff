// The commands as a person types them, against an engine that runs.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { begin, plumb, type RunningPlumb } from './plumb.ts'

let database: TestDatabase
let folder: string
let server: RunningPlumb
let url: string

beforeAll(async () => {
  database = await freshDatabase()
  folder = await mkdtemp(join(tmpdir(), 'plumb-'))
  server = begin(['serve', '--no-work', '--port', '0', '--json'], { env: { DATABASE_URL: database.url }, cwd: folder })
  const { url: address } = await server.said(line => line.ready === true)
  url = String(address)
})
afterAll(async () => {
  server?.child.kill('SIGTERM')
  await server?.ended
  await database?.drop()
  await rm(folder, { recursive: true, force: true })
})

const ask = (...args: string[]) => plumb([...args, '--url', url])

test('help names every command, each with examples', async () => {
  const { code, out } = await plumb(['--help'])
  expect(code).toBe(0)
  const commands = [
    'start',
    'serve',
    'worker',
    'check',
    'owners',
    'schema',
    'journeys',
    'search',
    'journey',
    'explain',
    'tasks',
    'answer',
    'disputes',
    'retry',
    'problems',
    'systems',
    'tables',
    'table',
    'pause',
    'resume',
    'sandbox',
    'ask',
  ]
  for (const command of commands) expect(out).toMatch(new RegExp(`^  ${command}\\b`, 'm'))
  const helps = await Promise.all(commands.map(command => plumb([command, '--help'])))
  for (const help of helps) expect(help.out).toContain('Examples:\n  plumb ')
})

test('wrong usage ends with 2 and says what is right', async () => {
  for (const args of [
    ['nonsense'],
    ['journey'],
    ['journeys', '--state', 'lost'],
    ['journeys', '--sort', 'beauty'],
    ['serve', '--port', 'http'],
    ['answer', 't-1'],
  ]) {
    const { code, err } = await plumb(args)
    expect(code, args.join(' ')).toBe(2)
    expect(err).toContain('error: ')
    expect(err).toContain('--help says more')
  }
})

test('a process that only looks asks no system, and says so', async () => {
  const { code, err } = await ask('ask', 'price', '--customer', '10100001', '--product', 'TG11', '--quantity', '1')
  expect([code, err]).toEqual([1, 'This process only looks: it calls no systems.\nAsk a process that does the work.\n'])
})

test('an engine that is not there is one sentence and what to do', async () => {
  const { code, err } = await plumb(['journeys', '--url', 'http://127.0.0.1:9'])
  expect(code).toBe(1)
  expect(err).toBe(
    'Nothing answers at http://127.0.0.1:9.\nStart Plumbline (npm start, or plumb serve), or name its address with --url or PLUMBLINE_URL.\n',
  )
  const inJson = await plumb(['journeys', '--json'], { env: { PLUMBLINE_URL: 'http://127.0.0.1:9' } })
  expect(JSON.parse(inJson.err)).toMatchObject({
    error: { code: 'unreachable', sentence: 'Nothing answers at http://127.0.0.1:9.' },
  })
})

test('an empty engine has nothing to tell, in words and in JSON', async () => {
  expect((await ask('journeys')).out).toBe(
    '0 open journeys (0 stuck, 0 late); started within a day: 0, of which 0 done, 0 stopped\n',
  )
  const narrowed = ['--system', 's4', '--waits', 'answer', '--age', 'day', '--worth', 'under-1k', '--stage', 'Booked']
  expect(await ask('journeys', ...narrowed, '--sort', 'due', '--facets')).toMatchObject({ code: 0, err: '' })
  expect((await ask('search', 'order 17')).out).toBe('Nothing begins like "order 17".\n')
  expect((await ask('problems')).out).toBe('All is well.\n')
  expect((await ask('tasks')).out).toBe('Nothing waits for a person.\n')
  expect((await ask('disputes')).out).toBe('Nobody edited what is not theirs.\n')
  expect((await ask('retry', 'all')).out).toBe('Nothing was held back.\n')
  expect((await ask('systems')).out).toMatch(/^sales +crm +salesforce/m)
  expect(JSON.parse((await ask('journeys', '--json')).out)).toMatchObject({
    journeys: [],
    facets: { byState: { stuck: 0 } },
    next: null,
  })
  expect(JSON.parse((await ask('problems', '--json')).out)).toMatchObject({ problems: [] })
  expect(JSON.parse((await ask('retry', 's4', '--dry-run', '--json')).out)).toMatchObject({
    dryRun: true,
    deliveries: [],
  })
})

test('what the engine refuses is told in its words', async () => {
  const unknown = await ask('journey', '4711')
  expect(unknown).toMatchObject({ code: 1, err: expect.stringMatching(/^Nothing is known as "4711"/) })
  const record = await ask('explain', 'order', '4711', 'total')
  expect(record).toMatchObject({ code: 1, err: expect.stringMatching(/^No order is known as "4711"\./) })
  const contract = await ask('explain', 'ordre', '4711')
  expect(contract).toMatchObject({ code: 1, err: expect.stringContaining('Ask for one of: ') })
  const answer = await ask('answer', 't-1', 'yes', '--by', 'kim', '--json')
  expect(answer.code).toBe(1)
  expect(JSON.parse(answer.err)).toMatchObject({ error: { code: 'not-found', sentence: 'There is no task "t-1".' } })
})

test('the example is well', async () => {
  expect(await plumb(['check'], { cwd: folder })).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^quote-to-cash .* is well: 9 contracts, 3 systems, 1 workflow\.\n$/),
  })
})

test('a project is found where it is, and its mistakes are told', async () => {
  await writeFile(
    join(folder, 'project.mjs'),
    `export default { project: 'tiny', contracts: [], roles: [], systems: [], routes: [],
       workflows: [{ workflow: 'w', says: '', startsWhen: { contract: 'quote', becomes: 'won' }, checkpoints: [], within: {}, run: async () => {} }] }`,
  )
  const { code, out } = await plumb(['check', '--json', '--project', folder])
  expect(code).toBe(1)
  expect(JSON.parse(out)).toMatchObject({
    project: 'tiny',
    findings: [{ code: 'trigger-unknown', where: 'workflow w', todo: expect.any(String) }],
  })
  expect(await plumb(['check', '--project', join(folder, 'nowhere')])).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^There is no project at /),
  })
  await rm(join(folder, 'project.mjs'))
})

test('serve says what it lacks', async () => {
  expect(await plumb(['serve'], { cwd: folder })).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^No database is named\./),
  })
  const away = await plumb(['serve', '--database', 'postgres://x@127.0.0.1:9/x'], { cwd: folder })
  expect(away).toMatchObject({ code: 1, err: expect.stringMatching(/^The database does not answer: /) })
  const other = createServer()
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const taken = await plumb(['serve', '--no-work', '--port', String(port), '--database', database.url], { cwd: folder })
  expect(taken).toMatchObject({ code: 1, err: expect.stringContaining(`Port ${port} on 127.0.0.1 is already in use.`) })
  other.close()
})

test('serve stops cleanly when it is told to', async () => {
  const second = begin(['serve', '--no-work', '--port', '0', '--json', '--database', database.url], { cwd: folder })
  const ready = await second.said(line => line.ready === true)
  expect(ready).toMatchObject({
    work: false,
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    pid: second.child.pid,
  })
  expect(await (await fetch(`${ready.url}/healthz`)).json()).toEqual({ status: 'ready' })
  const began = performance.now()
  second.child.kill('SIGTERM')
  expect(await second.ended).toMatchObject({ code: 0 })
  expect(performance.now() - began).toBeLessThan(10_000)
})
