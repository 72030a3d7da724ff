// The commands of a person at the controls: tasks and answers, pauses, the sandboxes' switches.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startS4Sandbox } from '@plumbline/sandbox-sap-s4hana'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts'
import { begin, plumb, type RunningPlumb } from './plumb.ts'

let database: TestDatabase
let folder: string
let s4: Awaited<ReturnType<typeof startS4Sandbox>>
let server: RunningPlumb
let url: string
let db: pg.Client

beforeAll(async () => {
  database = await freshDatabase()
  folder = await mkdtemp(join(tmpdir(), 'plumb-control-'))
  s4 = await startS4Sandbox({ port: 0, dataFolder: join(folder, 's4') })
  const env = { DATABASE_URL: database.url, S4_URL: s4.url, PLUMBLINE_SANDBOXES: s4.url }
  server = begin(['serve', '--no-work', '--port', '0', '--json'], { env, cwd: folder })
  url = String((await server.said(line => line.ready === true)).url)
  db = new pg.Client({ connectionString: database.url, options: '-c search_path=plumbline' })
  await db.connect()
})
afterAll(async () => {
  server?.child.kill('SIGTERM')
  await server?.ended
  await db?.end()
  await s4?.close()
  await database?.drop()
  await rm(folder, { recursive: true, force: true })
})

/** Each command is a process: on a busy machine many of them take a while. */
const WHILE_MS = 180_000

const ask = (...args: string[]) => plumb([...args, '--url', url])
const json = async (...args: string[]): Promise<Record<string, unknown>> => {
  const { code, out, err } = await ask(...args, '--json')
  expect([code, err], args.join(' ')).toEqual([0, ''])
  return JSON.parse(out) as Record<string, unknown>
}

async function asked(task: string, desk: string, more: { escalatedTo?: string } = {}): Promise<void> {
  const journey = `j-${task}`
  await db.query(
    `insert into journey (journey, workflow, ref, once, state, due_at, title, worth, currency)
     values ($1, 'quote-to-cash', $2, '', 'waiting', 'infinity', $3, 1234.50, 'EUR')`,
    [journey, `quote-${task}`, `Quote ${task}`],
  )
  await db.query(
    `insert into task (task, journey, name, desk, question, answers, facts, asked_at, due_at, escalates_to, escalates_at, escalated_at)
     values ($1, $2, 'ask', $3, 'Let it through?', '{yes,no}', '{"limit":{"amount":"1000.00","currency":"EUR"},"customer":"Acme"}',
             now() - interval '3 hours', now() + interval '2 days', $4::text, case when $4::text is not null then now() - interval '1 hour' end, case when $4::text is not null then now() end)`,
    [task, journey, desk, more.escalatedTo ?? null],
  )
}

test(
  'tasks are listed with what a person needs to decide, by desk, and answered with a name and a comment',
  async () => {
    await asked('t-1', 'credit desk')
    await asked('t-2', 'sales desk', { escalatedTo: 'head of sales' })
    const { out } = await ask('tasks')
    expect(out).toContain('credit desk: 1 open; head of sales: 1 open; sales desk: 1 open')
    expect(out).toContain('t-1  credit desk: Let it through?\n  Quote t-1, worth 1,234.50 EUR, asked 3 h ago, due in ')
    expect(out).toContain('answers: yes, no\n  limit: 1,000.00 EUR\n  customer: Acme')
    expect(out).toMatch(/t-2 {2}sales desk: .*\n.*, also to the head of sales since /)
    expect((await ask('tasks', '--desk', 'head of sales')).out).toMatch(/^t-2 {2}sales desk/)
    expect((await ask('answer', 't-1', 'yes', '--by', 'kim', '--comment', 'paid in advance')).out).toBe(
      'Answered "yes" by kim: Let it through?\n',
    )
    expect(await json('answer', 't-2', 'no', '--by', 'lee')).toMatchObject({ answer: 'no', by: 'lee', comment: null })
    expect((await ask('tasks')).out).toBe('Nothing waits for a person.\n')
    expect((await ask('tasks', '--state', 'answered')).out).toMatch(/; "yes" by kim at .*: paid in advance\n/)
    expect(await json('tasks', '--state', 'answered', '--journey', 'j-t-2')).toMatchObject({
      tasks: [{ task: 't-2', answeredBy: 'lee' }],
      desks: [],
      next: null,
    })
    const second = await ask('answer', 't-1', 'no', '--by', 'lee')
    expect(second).toMatchObject({ code: 1, err: expect.stringMatching(/^The question was answered "yes" by kim at /) })
  },
  WHILE_MS,
)

test(
  'a system is paused with a reason and resumed, and the list of systems says so',
  async () => {
    expect((await ask('pause', 's4', '--by', 'kim')).code).toBe(2)
    expect((await ask('pause', 's4', '--by', 'kim', '--reason', 'closing')).out).toMatch(
      /^s4 is paused by kim since \d{4}-\d\d-\d\d .*: closing\n$/,
    )
    expect((await ask('systems')).out).toMatch(/^s4 +erp +sap-s4hana .* paused by kim .* ago: closing$/m)
    expect((await ask('problems')).out).toContain('s4 is paused by kim: closing.')
    expect(await json('systems')).toMatchObject({
      systems: [
        { system: 'sales' },
        { system: 's4', now: { paused: { by: 'kim', reason: 'closing' } } },
        { system: 'consents' },
      ],
    })
    expect((await ask('resume', 's4', '--by', 'lee')).out).toBe('s4 is called again.\n')
    expect(await json('resume', 's4', '--by', 'lee')).toEqual({ system: 's4', paused: null })
    expect(await ask('pause', 'nowhere', '--by', 'kim', '--reason', 'why not')).toMatchObject({
      code: 1,
      err: 'The project has no system "nowhere".\nName one of: sales, s4, consents.\n',
    })
  },
  WHILE_MS,
)

test(
  "a sandbox's switches are seen and turned",
  async () => {
    expect((await ask('sandbox')).out).toMatch(new RegExp(`^s4 {2}${s4.url}\n {2}SWITCH +WHAT IT DOES\n {2}down +off `))
    expect((await ask('sandbox', 's4', 'down', 'on')).out).toMatch(/^s4: .* is on\. ./)
    expect(await json('sandbox', 's4', 'down')).toMatchObject({
      sandboxes: [{ system: 's4', problem: null, switches: [{ switch: 'down', on: true }] }],
    })
    expect(await json('sandbox', 's4', 'down', 'off')).toMatchObject({ switch: 'down', on: false })
    expect(await ask('sandbox', 's4', 'down', 'maybe')).toMatchObject({ code: 2 })
    expect(await ask('sandbox', 's4', 'sideways', 'on')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^The sandbox of s4 has no switch "sideways"\./),
    })
    expect(await ask('sandbox', 'crm')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^There is no sandbox of "crm"/),
    })
  },
  WHILE_MS,
)

test(
  'an address that others could reach is refused before anything starts',
  async () => {
    const refused = await plumb(['serve', '--host', '0.0.0.0', '--port', '0'], { env: { DATABASE_URL: database.url } })
    expect(refused).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /^The admin API and the console have no sign-in yet, so they listen on 127\.0\.0\.1 alone/,
      ),
    })
  },
  WHILE_MS,
)

test(
  'plumb sweep asks for a comparison, once it is known who asks; plumb comparisons tells of it',
  async () => {
    const args = ['sweep', 's4', 'SalesOrder', '--preview', '--no-wait', '--by', 'anna']
    const begun = await json(...args)
    expect(begun).toMatchObject({
      system: 's4',
      objects: ['SalesOrder'],
      kind: 'sweep',
      preview: true,
      state: 'reading',
    })
    const { comparisons } = await json('comparisons', 's4')
    expect(comparisons).toMatchObject([{ comparison: begun.comparison, askedBy: 'anna' }])
    const { out } = await ask('comparisons')
    expect(out).toContain('SalesOrder of s4 is compared, to see what would be found, because anna asked')
    const refused = await ask('sweep', 'nowhere', '--by', 'anna')
    expect(refused.code).not.toBe(0)
    expect(refused.err).toContain('The project has no system "nowhere".')
  },
  WHILE_MS,
)
