// How a call to the consent service ended when it did not succeed, in its own words.
import type { NotWritten } from '@plumbline/sdk'
import { limits } from './limits.ts'

export type Row = Readonly<Record<string, unknown>>
export const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const system = 'The consent service'

export type ServiceError = { readonly code: string; readonly message: string; readonly existing?: string }

export function errorIn(body: unknown): ServiceError | undefined {
  const error = isRow(body) ? body.error : undefined
  if (!isRow(error) || typeof error.code !== 'string') return undefined
  return {
    code: error.code,
    message: String(error.message ?? error.code),
    ...(typeof error.existing === 'string' && { existing: error.existing }),
  }
}

const todos: Readonly<Record<string, string>> = {
  email_taken:
    'Two people cannot have one e-mail address there: correct it where it is kept, or merge the two people in the consent service.',
  external_id_taken: 'Look at the subject that already carries this id, and decide which of the two is right.',
  consent_exists: 'There is one consent for a person and a purpose: change that one.',
  illegal_transition: 'Decide in the consent service what the person has agreed to.',
  invalid_field: 'Correct the value where it is kept.',
  not_found: 'It is not in the consent service: unlink it, or create it there.',
  gone: 'It was deleted in the consent service, as a person may ask: delete or unlink it here.',
}

export type Answered = { readonly status: number; readonly body: unknown; readonly retryAfterMs?: number }

/** The end told by an answer of 400 and above. Whether it was a create matters when the service broke down on the way. */
export function endOfAnswer({ status, body, retryAfterMs }: Answered, of: string, isCreate: boolean): NotWritten {
  const error = errorIn(body)
  const words = error ? `${error.message} (${error.code})` : 'with no error of its own, as a proxy does'
  if (status === 401 || status === 403)
    return {
      end: 'unavailable',
      reason: `${system} does not let us in (${status}): ${words}. Check the API key, and that it was not revoked`,
      retryAfterMs: limits.probeEveryMs,
      systemIsDown: true,
    }
  if (status === 412 || status === 428)
    return {
      end: 'unavailable',
      reason: `${system}, ${of}: changed there meanwhile; it is read first`,
      retryAfterMs: 0,
    }
  if (status === 429)
    return {
      end: 'unavailable',
      reason: `${system} asks for patience: ${words}`,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      systemIsDown: true,
    }
  // A proxy may have passed the request on: only the service's own words prove that nothing was created.
  if (status >= 500 && isCreate && !(status === 503 && error))
    return {
      end: 'unknown',
      reason: `${system}, ${of}: broke off with ${status}: ${words}`,
      systemIsDown: status === 503,
    }
  if (status >= 500 || !error)
    return {
      end: 'unavailable',
      reason: `${system}, ${of}: answered ${status}: ${words}`,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      systemIsDown: status === 503 || !error,
    }
  const todo = todos[error.code]
  return { end: 'refused', reason: `${system}, ${of}: ${words}`, ...(todo && { todo }) }
}
