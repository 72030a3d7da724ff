// How a call over HTTP ended that got no answer, or something else than an answer: true of every system, so that no
// connector has to know it anew. No I/O: what happened is handed in.
import type { WriteEnd } from './connector.ts'
import { Refused, Unavailable } from './errors.ts'

export type NotWritten = Exclude<WriteEnd, { readonly end: 'written' }>

/** Whom a call was for and what it was about, as a sentence says it: `{ system: 'S/4HANA', of: 'SalesOrder' }`. */
export type About = { readonly system: string; readonly of: string }

/** What stops a call before anything of it is sent: no address, no way there, no one we trust at the other end. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'UND_ERR_CONNECT_TIMEOUT',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** The end of a call whose `fetch` threw: certainly not done when the connection never stood, else unknown. */
export function endOfSilence(error: unknown, { system, of }: About): NotWritten {
  const { code, words } = causeOf(error)
  if (code && neverSent.has(code))
    return { end: 'unavailable', reason: `${system} cannot be reached: ${words}`, systemIsDown: true }
  return { end: 'unknown', reason: `${system}, ${of}: sent, but no answer came (${words})` }
}

function causeOf(error: unknown): { readonly code?: string; readonly words: string } {
  if (!(error instanceof Error)) return { words: String(error) }
  const cause = error.cause instanceof Error ? error.cause : error
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
  return { code, words: [code, cause.message || error.message].filter(Boolean).join(' ') }
}

/**
 * The end of a call that was answered well, with something that is no JSON: a page that speaks of maintenance, or an answer
 * cut short. Neither says anything of the record. Behind a page nobody answers.
 */
export function endOfPage(
  answer: { readonly status: number; readonly text: string; readonly contentType?: string | null },
  { system, of }: About,
): NotWritten {
  const title = /<title>([^<]{1,200})/i.exec(answer.text)?.[1]?.trim()
  const isPage = /^\s*</.test(answer.text) || /html/i.test(answer.contentType ?? '')
  const what = isPage
    ? `a web page${title ? ` ("${title}")` : ''} instead of an answer`
    : 'an answer that was cut short'
  return { end: 'unknown', reason: `${system}, ${of}: ${answer.status} and ${what}`, systemIsDown: isPage }
}

/** For reads: an end as what a read throws. */
export function thrown(end: NotWritten): Refused | Unavailable {
  if (end.end === 'refused') return new Refused(end.reason, end.todo)
  return end.end === 'unknown'
    ? new Unavailable(end.reason, undefined, end)
    : new Unavailable(end.reason, end.retryAfterMs, end)
}
