// Conditional requests: If-Unmodified-Since and If-Modified-Since everywhere, entity tags on accounts only.
import { ApiError } from '../errors.ts'
import type { ObjectType } from '../schema.ts'
import type { Row } from '../table.ts'
import type { Call } from './types.ts'

export function entityTag(type: ObjectType, row: Row): { ETag: string } | undefined {
  return type.name === 'Account' ? { ETag: tagOf(row) } : undefined
}

function tagOf(row: Row): string {
  return `"${Buffer.from(row.SystemModstamp).toString('base64')}--gzip"`
}

/** Refuses a call whose conditions the record no longer meets. */
export function checkConditions(call: Call, type: ObjectType, row: Row): void {
  const unmodifiedSince = headerTime(call, 'if-unmodified-since')
  if (unmodifiedSince !== undefined && modifiedAt(row) > unmodifiedSince) throw preconditionFailed()
  if (type.name !== 'Account') return
  const match = call.headers['if-match']
  if (match && match !== '*' && !tags(match).includes(tagOf(row))) throw preconditionFailed()
  const noneMatch = call.headers['if-none-match']
  if (noneMatch && call.method === 'PATCH' && tags(noneMatch).includes(tagOf(row))) throw preconditionFailed()
}

export function notModified(call: Call, type: ObjectType, row: Row): boolean {
  const noneMatch = call.headers['if-none-match']
  if (type.name === 'Account' && noneMatch) return tags(noneMatch).includes(tagOf(row))
  const since = headerTime(call, 'if-modified-since')
  return since !== undefined && modifiedAt(row) <= since
}

/** Conditions count in whole seconds, as HTTP dates do. */
function modifiedAt(row: Row): number {
  return Math.floor(Date.parse(row.SystemModstamp.replace('+0000', 'Z')) / 1000) * 1000
}

function headerTime(call: Call, name: string): number | undefined {
  const text = call.headers[name]
  if (!text) return undefined
  const ms = Date.parse(text)
  if (!Number.isNaN(ms)) return ms
  if (call.method === 'PATCH' || call.method === 'POST')
    throw new ApiError(400, 'INVALID_HEADER', `The value of ${name} is no HTTP date: ${text}`)
  return undefined
}

function tags(header: string): string[] {
  return header.split(',').map(tag => tag.trim().replace(/^W\//, ''))
}

function preconditionFailed(): ApiError {
  return new ApiError(
    412,
    'PRECONDITION_FAILED',
    'The record was modified since the time or version given in the condition of the request',
  )
}
