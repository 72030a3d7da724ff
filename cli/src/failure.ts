/** What goes wrong for a person: one sentence that says what is the case, one that says what to do. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ProblemCode } from '@plumbline/engine'

/** What a command may end with, beside what the admin API refuses (its own codes) and what a check finds. */
export const FAILURES = {
  usage: 'The command was given something that it cannot use',
  unreachable: 'No Plumbline answers at the address',
  refused: 'The engine refused without saying which rule',
  project: 'There is no project, or it cannot be loaded',
  database: 'The database is not named, does not answer, or refuses us',
  port: 'A port or address cannot be used',
  data: 'The data folder cannot be used',
  running: 'Plumbline already runs with this data folder',
  start: 'A part could not be started',
  died: 'A part ended although nobody asked it to',
  failed: 'The command failed',
  defect: 'A defect of Plumbline',
} as const

export type FailureCode = keyof typeof FAILURES | ProblemCode

export class Failure extends Error {
  readonly todo: string | undefined
  readonly code: FailureCode

  constructor(sentence: string, todo?: string, code: FailureCode = 'failed', options?: ErrorOptions) {
    super(sentence, options)
    this.name = 'Failure'
    this.todo = todo
    this.code = code
  }
}

type Told = { readonly code: FailureCode; readonly sentence: string; readonly todo?: string }

/** Any error as it is told: ours as they are, PostgreSQL's with their own remedy, all others as the defects they are. */
function told(error: unknown): Told {
  if (error instanceof Failure) return withTodo(error.code, error.message, error.todo)
  if (!(error instanceof Error)) return { code: 'defect', sentence: String(error) }
  if ('todo' in error && typeof error.todo === 'string') return withTodo('start', error.message, error.todo)
  return (
    databaseTold(error) ??
    withTodo('defect', `Something went wrong that should not: ${error.message}`, 'Set PLUMBLINE_DEBUG=1 to see where.')
  )
}

const withTodo = (code: FailureCode, sentence: string, todo: string | undefined): Told => ({
  code,
  sentence,
  ...(todo && { todo }),
})

const DATABASE_ERRORS: Readonly<Record<string, readonly [string, string]>> = {
  ECONNREFUSED: [
    'The database does not answer',
    'Start PostgreSQL, or name the right one with --database or DATABASE_URL.',
  ],
  ENOTFOUND: ['The host of the database is unknown', 'Correct --database or DATABASE_URL.'],
  ETIMEDOUT: ['The database does not answer in time', 'Check the network, or name the right one with --database.'],
  '28P01': ['The database refuses the password', 'Correct the password in --database or DATABASE_URL.'],
  '28000': ['The database refuses this user', 'Correct the user in --database or DATABASE_URL.'],
  '3D000': ['The database does not exist', 'Create it (createdb), or name another with --database.'],
  '42501': ['The database user may not do that', 'Grant it the right to create a schema in this database.'],
}

function databaseTold(error: Error): Told | undefined {
  const code = 'code' in error ? String(error.code) : ''
  const known = DATABASE_ERRORS[code]
  return known && { code: 'database', sentence: `${known[0]}: ${error.message || code}.`, todo: known[1] }
}

/** Prints it in the form that was asked for and answers the exit code. */
export function report(error: unknown, json: boolean): 1 {
  const { code, sentence, todo } = told(error)
  if (json) process.stderr.write(`${JSON.stringify({ error: { code, sentence, ...(todo && { todo }) } })}\n`)
  else process.stderr.write(`${sentence}\n${todo ? `${todo}\n` : ''}`)
  if (process.env.PLUMBLINE_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  return 1
}

/** Polls until something is there; undefined when the time is over first. */
export async function waitFor<T>(
  look: () => T | undefined | Promise<T | undefined>,
  timeoutMs: number,
  everyMs = 100,
): Promise<T | undefined> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline) return undefined
    await sleep(everyMs)
  }
}
