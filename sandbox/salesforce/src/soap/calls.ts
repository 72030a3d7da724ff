// The partner SOAP API, as far as REST has nothing for it: merge, delete, undelete and the recycle bin.
import { ApiError, malformed } from '../errors.ts'
import { mergeRecords } from '../merge.ts'
import type { Org } from '../org.ts'
import { deleteRecord, emptyFromBin, objectNamed, undeleteRecord } from '../records.ts'
import type { Actor } from '../transaction.ts'
import { childNamed, childrenNamed, type Element, escaped, parseXml, textOfChild } from './xml.ts'

export type SoapReply = {
  readonly status: number
  readonly page: string
  readonly headers: { readonly [name: string]: string }
}
/** Who may act, by the session id of the call's header; undefined when nobody. */
export type ActorOf = (sessionId: string, client: string | undefined) => Actor | undefined

const MOST_IDS = 200
const MOST_LOSERS = 2

export function soapCall(org: Org, xml: string, actorOf: ActorOf): SoapReply {
  const envelope = parseXml(xml)
  const header = childNamed(envelope, 'Header')
  const [asked] = childNamed(envelope, 'Body')?.children ?? []
  if (!asked) return fault('INVALID_TYPE', 'The call is no SOAP envelope with a body')
  const session = textOfChild(childNamed(header, 'SessionHeader'), 'sessionId') ?? ''
  const actor = actorOf(session, textOfChild(childNamed(header, 'CallOptions'), 'client'))
  if (!actor) return fault('INVALID_SESSION_ID', 'Invalid Session ID found in SessionHeader: Illegal Session')
  try {
    return answered(asked.name, resultsOf(org, actor, asked))
  } catch (error) {
    if (error instanceof ApiError) return fault(error.code, error.message)
    throw error
  }
}

function resultsOf(org: Org, actor: Actor, asked: Element): string[] {
  switch (asked.name) {
    case 'merge':
      return childrenNamed(asked, 'mergeRequests').map(request => result(() => merge(org, actor, request)))
    case 'delete':
      return eachId(org, actor, asked, (tx, type, id) => deleteRecord(org, tx, type, id))
    case 'undelete':
      return eachId(org, actor, asked, (tx, type, id) => undeleteRecord(org, tx, type, id))
    case 'emptyRecycleBin':
      return idsIn(asked).map(id =>
        result(() => {
          emptyFromBin(org, actor, [id])
          return tag('id', id)
        }),
      )
    case 'getServerTimestamp':
      return [`<result>${tag('timestamp', new Date(org.now()).toISOString())}</result>`]
    default:
      throw malformed('INVALID_OPERATION', `This sandbox has no SOAP call ${asked.name}: use REST for it`)
  }
}

function merge(org: Org, actor: Actor, request: Element): string {
  const master = childNamed(request, 'masterRecord')
  const losers = childrenNamed(request, 'recordToMergeIds').map(element => element.text)
  const type = objectNamed(org, textOfChild(master, 'type') ?? '')
  const id = textOfChild(master, 'Id') ?? textOfChild(master, 'id') ?? ''
  if (losers.length === 0 || losers.length > MOST_LOSERS)
    throw malformed('INVALID_NUMBER_OF_RECORDS', `A merge takes one or two records, not ${losers.length}`)
  const fields = Object.fromEntries(
    (master?.children ?? [])
      .filter(({ name }) => !['type', 'Id', 'id', 'fieldsToNull'].includes(name))
      .map(({ name, text }) => [name, text]),
  )
  const cleared = childrenNamed(master, 'fieldsToNull').map(({ text }) => [text, null])
  const merged = org.commit(actor, tx =>
    mergeRecords(org, tx, type, id, losers, { ...fields, ...Object.fromEntries(cleared) }),
  )
  return [
    tag('id', merged.master),
    ...merged.losers.map(loser => tag('mergedRecordIds', loser)),
    ...merged.related.map(related => tag('updatedRelatedIds', related)),
  ].join('')
}

type Work = Parameters<Org['commit']>[1] extends (tx: infer Tx) => unknown
  ? (tx: Tx, type: ReturnType<typeof objectNamed>, id: string) => void
  : never

function eachId(org: Org, actor: Actor, asked: Element, work: Work): string[] {
  return idsIn(asked).map(id =>
    result(() => {
      const type = org.schema.ofId(id)
      if (!type) throw malformed('MALFORMED_ID', `bad id ${id}`)
      org.commit(actor, tx => work(tx, type, id))
      return tag('id', id)
    }),
  )
}

function idsIn(asked: Element): string[] {
  const ids = childrenNamed(asked, 'ids').map(element => element.text)
  if (ids.length <= MOST_IDS) return ids
  throw malformed('EXCEEDED_ID_LIMIT', `A call takes ${MOST_IDS} ids, not ${ids.length}`)
}

/** One record's outcome: what it did, or why it did not. */
function result(work: () => string): string {
  try {
    return `<result>${work()}${tag('success', 'true')}</result>`
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const said = `<errors>${tag('message', error.message)}${tag('statusCode', error.code)}</errors>`
    return `<result>${said}<id xsi:nil="true"/>${tag('success', 'false')}</result>`
  }
}

const tag = (name: string, text: string): string => `<${name}>${escaped(text)}</${name}>`

const envelope = (body: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`

const headers = { 'Content-Type': 'text/xml;charset=UTF-8' }

const answered = (call: string, results: readonly string[]): SoapReply => ({
  status: 200,
  headers,
  page: envelope(`<${call}Response>${results.join('')}</${call}Response>`),
})

const fault = (code: string, message: string): SoapReply => ({
  status: 500,
  headers,
  page: envelope(
    `<soapenv:Fault><faultcode>sf:${code}</faultcode><faultstring>${escaped(`${code}: ${message}`)}</faultstring></soapenv:Fault>`,
  ),
})
