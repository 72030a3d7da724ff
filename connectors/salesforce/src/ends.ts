// How a call to Salesforce ended when it did not succeed: refused (a person decides), unavailable (time decides) or
// unknown (sent, no answer).
import type { NotWritten } from '@plumbline/sdk'
import { limits } from './limits.ts'

export type SalesforceError = { readonly code: string; readonly message: string; readonly fields: readonly string[] }

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The errors in an answer. Record calls say `errorCode`, collections and graphs `statusCode`. */
export function errorsIn(body: unknown): readonly SalesforceError[] {
  const list: readonly unknown[] = Array.isArray(body) ? body : [body]
  return list.filter(isObject).flatMap(error => {
    const code = error.errorCode ?? error.statusCode
    if (typeof code !== 'string') return []
    const fields = Array.isArray(error.fields) ? error.fields.filter(field => typeof field === 'string') : []
    return [{ code, message: String(error.message ?? code), fields }]
  })
}

/** Failed only because its neighbour in the same transaction did. */
export const isHalted = ({ code }: SalesforceError): boolean =>
  code === 'PROCESSING_HALTED' || code === 'ALL_OR_NONE_OPERATION_ROLLED_BACK'

const todos: readonly (readonly [RegExp, string])[] = [
  [/REQUIRED_FIELD_MISSING/, 'Fill in the missing value where it is kept, or give the field a default in Salesforce.'],
  [/CUSTOM_VALIDATION/, 'Correct the record so that it passes the validation rule in Salesforce, or change the rule.'],
  [/PICKLIST/, 'Add the value to the picklist in Salesforce, or map it to one that exists.'],
  [/DUPLICATES_DETECTED/, 'Decide in Salesforce whether this is the record it resembles, and merge or allow it.'],
  [/DUPLICATE_VALUE/, 'Look at the record that already carries this value and decide which of the two is right.'],
  [/TOO_LONG/, 'Shorten the value, or make the field longer in Salesforce.'],
  [/ACCESS|PERMISSION|PRIVILEGE/, 'Give the integration user access to this object and its fields in Salesforce.'],
  [
    /ENTITY_IS_DELETED|NOT_FOUND/,
    'The record is no longer in Salesforce: restore it from the recycle bin, or unlink it.',
  ],
  [/CROSS_REFERENCE/, 'The record points to another one that Salesforce does not have or does not allow here.'],
  [/STANDARD_PRICE/, 'Give the product a standard price in Salesforce.'],
  [
    /INVALID_FIELD|INVALID_TYPE|MALFORMED|JSON_PARSER/,
    'The org and the project differ: add the field to the org or correct the project.',
  ],
]

/** What an error of Salesforce means for one record. `spread` (0 to 1) keeps contenders for a lock apart. */
export function endOf(error: SalesforceError, of: string, spread = 0.5): NotWritten {
  const reason = `Salesforce, ${of}: ${error.message.trim()} (${[error.code, ...error.fields].join(', ')})`
  switch (error.code) {
    case 'UNABLE_TO_LOCK_ROW':
      return { end: 'unavailable', reason, retryAfterMs: Math.round(300 + 1_200 * spread) }
    case 'REQUEST_LIMIT_EXCEEDED':
      return isConcurrency(error)
        ? { end: 'unavailable', reason, retryAfterMs: Math.round(500 + 1_500 * spread), tooManyAtOnce: true }
        : { end: 'unavailable', reason, retryAfterMs: limits.probeEveryMs, systemIsDown: true }
    case 'SERVER_UNAVAILABLE':
    case 'INVALID_SESSION_ID':
      return { end: 'unavailable', reason, systemIsDown: true }
    case 'UNKNOWN_EXCEPTION':
    case 'QUERY_TIMEOUT':
    case 'REQUEST_RUNNING_TOO_LONG':
    case 'PROCESSING_HALTED':
    case 'ALL_OR_NONE_OPERATION_ROLLED_BACK':
      return { end: 'unavailable', reason }
  }
  const todo = todos.find(([codes]) => codes.test(error.code))?.[1]
  return { end: 'refused', reason, ...(todo && { todo }) }
}

const isConcurrency = (error: SalesforceError) => /concurrent/i.test(error.message)

/** The end told by an answer of 400 and above. What is no error of Salesforce's (a proxy's page) is never read as data. */
export function endOfAnswer(status: number, body: unknown, of: string, spread?: number): NotWritten {
  const error = errorsIn(body)[0]
  if (status === 502 || status === 504) {
    return { end: 'unknown', reason: `Salesforce, ${of}: a gateway answered ${status}; the call may have been done` }
  }
  if (status === 429 || status >= 500 || !error) {
    const words = error ? `${error.message} (${error.code})` : 'with no error of its own, as a proxy does'
    return { end: 'unavailable', reason: `Salesforce, ${of}: answered ${status} ${words}`, systemIsDown: true }
  }
  return endOf(error, of, spread)
}

/** What came back where JSON was to come. */
export const pageIn = (response: Response, text: string) => ({
  status: response.status,
  text,
  contentType: response.headers.get('content-type'),
})
