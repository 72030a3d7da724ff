// What every route is given, and the parts of schemas that several of them share.
import type { Plan } from '../../kernel/plan.ts'
import type { Db } from '../../store/db.ts'

export type Served = { readonly db: Db; readonly plan: Plan }

/** Something is in it, and not the one character that no database keeps. */
export const name = {
  type: 'string',
  minLength: 1,
  maxLength: 200,
  pattern: '^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$',
} as const
/** What a person writes to others: a reason, a comment. */
export const written = { type: 'string', maxLength: 2_000 } as const
export const cursor = { type: 'string', maxLength: 500 } as const
export const limit = { type: 'integer', minimum: 1, maximum: 500 } as const
export const flag = { type: 'boolean' } as const
/** An object that has what its schema names and nothing else. */
export const closed = { type: 'object', additionalProperties: false } as const
