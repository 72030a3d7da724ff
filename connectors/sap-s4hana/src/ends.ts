// How a call to S/4HANA ended when it did not succeed, in SAP's own words.
import type { NotWritten } from '@plumbline/sdk'
import { limits } from './limits.ts'
import { isRow } from './odata.ts'

/** SAP's error: a code, and every sentence it has to say. */
type SapError = {
  readonly code: string
  readonly sentences: readonly string[]
  readonly targets: readonly string[]
}

function errorIn(body: unknown): SapError | undefined {
  const error = isRow(body) ? body.error : undefined
  if (!isRow(error)) return undefined
  const message = isRow(error.message) ? error.message.value : error.message
  const inner = isRow(error.innererror) ? error.innererror.errordetails : undefined
  // Some versions nest the list once more.
  const list = Array.isArray(inner) ? inner : isRow(inner) && Array.isArray(inner.errordetail) ? inner.errordetail : []
  const details = list.filter(isRow).filter(detail => detail.severity !== 'warning' && detail.severity !== 'info')
  const sentences = [message, ...details.map(detail => detail.message)].filter(
    words => typeof words === 'string' && words !== '',
  )
  const targets = details
    .map(detail => detail.propertyref || detail.target)
    .filter(target => typeof target === 'string' && target !== '')
  return {
    code: String(error.code ?? ''),
    sentences: [...new Set(sentences.map(String))],
    targets: [...new Set(targets.map(String))],
  }
}

export type Answered = { readonly status: number; readonly body: unknown; readonly retryAfterMs?: number }

/**
 * The end told by an answer of 400 and above. `isCreate` matters when SAP broke down on the way: a create may have been
 * committed all the same, a change is repeated without harm.
 */
export function endOfAnswer({ status, body, retryAfterMs }: Answered, of: string, isCreate: boolean): NotWritten {
  const error = errorIn(body)
  const words = error ? `${error.sentences.join('. ')} (${error.code})` : 'with no error of its own, as a proxy does'
  if (status === 401) {
    return {
      end: 'unavailable',
      reason: `S/4HANA does not let the communication user in (401): ${words}. Check its password, and that it is not locked`,
      // SAP locks a user who tries too often.
      retryAfterMs: limits.probeEveryMs,
      systemIsDown: true,
    }
  }
  if (status === 412 || status === 428) {
    return {
      end: 'unavailable',
      reason: `S/4HANA, ${of}: changed there meanwhile; it is read again first`,
      retryAfterMs: 0,
    }
  }
  // A proxy may say so after it had passed the request on: only SAP's own words prove that nothing was created.
  if (status === 503 && isCreate && !error)
    return {
      end: 'unknown',
      reason: `S/4HANA, ${of}: not reached (503), or only its answer: ${words}`,
      systemIsDown: true,
    }
  if (status === 429 || status === 503) {
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
    return {
      end: 'unavailable',
      reason: `S/4HANA asks to be left alone (${status}): ${words}`,
      ...wait,
      systemIsDown: true,
    }
  }
  if (status >= 500) {
    if (isCreate)
      return { end: 'unknown', reason: `S/4HANA, ${of}: broke off with ${status}; the record may exist: ${words}` }
    return { end: 'unavailable', reason: `S/4HANA, ${of}: answered ${status}: ${words}` }
  }
  if (!error) return { end: 'unavailable', reason: `S/4HANA, ${of}: answered ${status} ${words}`, systemIsDown: true }
  if (isLocked(error)) return { end: 'unavailable', reason: `S/4HANA, ${of}: ${words}`, retryAfterMs: 2_000 }
  return { end: 'refused', reason: `S/4HANA, ${of}: ${words}`, todo: todoOf(error, status) }
}

/** Somebody has the document open in a dialog. */
const isLocked = (error: SapError) =>
  error.sentences.some(words => /currently (being )?(processed|locked|edited)|locked by/i.test(words))

function todoOf(error: SapError, status: number): string {
  const said = error.sentences.join(' ')
  if (status === 403) return 'Give the communication user the authorisation that is missing.'
  if (/credit/i.test(said)) return "Raise the customer's credit limit, release the order, or order less."
  if (/blocked/i.test(said)) return 'Lift the block in S/4HANA, or decide that nothing is sold.'
  if (/not defined|does not exist|not found/i.test(said))
    return 'Create or extend the master data in S/4HANA, or correct what was asked.'
  if (error.targets.length > 0) return `Look at ${error.targets.join(', ')} and correct it where it is kept.`
  return 'Correct the record where it is kept, or the setting in S/4HANA.'
}
