// What every route is given, and the parts of schemas that several of them share.
import type { Host } from '../../host.ts'
import type { Plan } from '../../kernel/plan.ts'
import type { Db } from '../../store/db.ts'
import type { Sandboxes } from '../sandboxes.ts'
import type { Stream } from '../stream.ts'

/** Puts a question to the system that answers it; throws Unanswered. Only a process that does the work has it. */
export type Ask = (
  put: { readonly asked: string; readonly role: string; readonly question: Readonly<Record<string, unknown>> },
  fresh: boolean,
) => Promise<{
  readonly answer: unknown
  readonly system: string
  readonly at: number
  readonly isCached: boolean
  readonly tookMs: number
}>

export type Served = {
  readonly db: Db
  readonly plan: Plan
  readonly host: Host
  readonly ask?: Ask
  readonly sandboxes: Sandboxes
  readonly stream: Stream
}

/** Something is in it, and not the one character that no database keeps. */
export const name = {
  type: 'string',
  minLength: 1,
  maxLength: 200,
  pattern: '^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$',
} as const
/** What a person writes to others: a reason, a comment. */
export const written = { type: 'string', maxLength: 2_000, pattern: '^[^\\u0000]*$' } as const
export const cursor = { type: 'string', maxLength: 500 } as const
export const limit = { type: 'integer', minimum: 1, maximum: 500 } as const
export const flag = { type: 'boolean' } as const
/** An object that has what its schema names and nothing else. */
export const closed = { type: 'object', additionalProperties: false } as const
