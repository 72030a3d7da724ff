// How a call to Tryton ended when it did not succeed. Almost every failure is an answer of 200 with an error in it: business
// rules have types and words of their own; what the server did not expect is a sentence without a type.
import type { NotWritten } from '@plumbline/sdk'
import { limits } from './limits.ts'
import { isRow } from './values.ts'

export const system = 'Tryton'

export type Warning = { readonly name: string; readonly message: string }
export type Failure = { readonly end: NotWritten; readonly warning?: Warning }

/** The error of an answer: `["UserError", [message, description, …]]`, or `["any text", ""]`. */
export function failureIn(body: unknown, of: string): Failure | undefined {
  const error = isRow(body) && Array.isArray(body.error) ? body.error : undefined
  if (!error) return undefined
  const [kind, said] = error
  const words = Array.isArray(said) ? said.filter(word => typeof word === 'string' && word !== '') : []
  switch (kind) {
    case 'UserError':
      return { end: refusal(of, sentence(words.slice(0, 2))) }
    case 'UserWarning': {
      const [name = '', ...sentences] = words
      return { end: asksBack(of, name, sentence(sentences)), warning: { name, message: sentence(sentences) } }
    }
    case 'ConcurrencyException':
      return { end: changedMeanwhile(of) }
    default:
      return { end: untyped(of, String(kind)) }
  }
}

export const changedMeanwhile = (of: string): NotWritten => ({
  end: 'unavailable',
  reason: `${system}, ${of}: changed there meanwhile; it is read first`,
  retryAfterMs: 0,
})

const sentence = (words: readonly string[]): string => words.map(word => word.trim()).join(' ')

function refusal(of: string, said: string): NotWritten {
  return { end: 'refused', reason: `${system}, ${of}: ${said}`, todo: todoOf(said) }
}

function todoOf(said: string): string {
  if (/credit limit/i.test(said)) return "Raise the customer's credit limit in Tryton, or order less."
  if (/not allowed to access/i.test(said)) return 'Give the user of the integration the group that is missing.'
  if (/don't exist anymore|not allowed to read records/i.test(said))
    return 'It is not in Tryton, or in another company: unlink it, or create it there.'
  if (/exceeds the limit of/i.test(said)) return 'Tryton keeps fewer digits: round it where it is kept.'
  if (/account/i.test(said)) return 'Complete the accounts of the product or of its category in Tryton.'
  return 'Correct the record where it is kept, or the setting in Tryton.'
}

function asksBack(of: string, name: string, said: string): NotWritten {
  return {
    end: 'refused',
    reason: `${system}, ${of}: it asks before it goes on: ${said}`,
    todo: `Go on in Tryton yourself; or, if it is always to go on, add "${name.replace(/\d.*$/, '')}" to the accepted warnings.`,
  }
}

/** Somebody else holds what this one needs; nothing of it was done. */
const busy = /could not obtain lock|lock timeout|could not serialize|deadlock detected|concurrent update/i
/** The database ended what took too long, and undid all of it; a write Tryton has tried several times before it says so. */
const tookTooLong = /canceling statement due to statement timeout/i
/** The database went away. What was to be committed just then may have been. */
const cutOff =
  /server closed the connection|connection (already |has been )?closed|terminating connection|could not connect to server|connection to server|the database system is|cursor already closed/i

function untyped(of: string, text: string): NotWritten {
  const said = text.trim().split('\n')[0] ?? ''
  if (busy.test(text))
    return {
      end: 'unavailable',
      reason: `${system}, ${of}: somebody else is at work on it (${said})`,
      retryAfterMs: 1_000,
      tooManyAtOnce: true,
    }
  if (tookTooLong.test(text))
    return { end: 'unavailable', reason: `${system}, ${of}: takes longer than its database lets it (${said})` }
  if (cutOff.test(text))
    return { end: 'unknown', reason: `${system}, ${of}: lost its database (${said})`, systemIsDown: true }
  if (/duplicate key value|unique constraint/i.test(text))
    return {
      end: 'refused',
      reason: `${system}, ${of}: there is one already (${said})`,
      todo: 'Look at the one that is there, and decide which of the two is right.',
    }
  return {
    end: 'refused',
    reason: `${system}, ${of}: failed with an error of its own, which changed nothing: ${said}`,
    todo: "Look into the log of Tryton's server; then retry.",
  }
}

export type Answered = {
  readonly status: number
  readonly text: string
  readonly contentType: string | null
  readonly retryAfterMs?: number
}

/** The end told by an answer whose status is no success. `mayBeDone`: what was sent may have been carried out. */
export function endOfStatus(answer: Answered, of: string, mayBeDone: boolean): NotWritten {
  const { status, retryAfterMs } = answer
  const later = retryAfterMs === undefined ? {} : { retryAfterMs }
  if (status === 401) return notLetIn('does not let the user in (401). Check its password, and that it is active')
  if (status === 404) return notLetIn(`knows no such database (404), or is not at this address`)
  if (status === 429)
    return { end: 'unavailable', reason: `${system} asks for patience (429)`, ...later, systemIsDown: true }
  if (status === 403)
    return {
      end: 'refused',
      reason: `${system}, ${of}: it has no such action, or keeps it from users over the network (403)`,
      todo: 'Check that the modules for sales, credit limits and price lists are activated in this database.',
    }
  if (status >= 500 && mayBeDone)
    return {
      end: 'unknown',
      reason: `${system}, ${of}: broke off with ${status}; it may be done`,
      systemIsDown: status === 503,
    }
  return { end: 'unavailable', reason: `${system}, ${of}: answered ${status}`, ...later, systemIsDown: true }
}

const notLetIn = (why: string): NotWritten => ({
  end: 'unavailable',
  reason: `${system} ${why}`,
  // Too many failed logins lock the user out.
  retryAfterMs: limits.probeEveryMs,
  systemIsDown: true,
})
