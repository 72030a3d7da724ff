// What the service says when it does not do what it was asked: a status, a code and a sentence.
import { jsonReply, type Reply } from './http.ts'

export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly more: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    code: string,
    message: string,
    more: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.more = more
    this.headers = headers
  }
}

export const problemReply = ({ status, code, message, more, headers }: Problem): Reply =>
  jsonReply(status, { error: { code, message, ...more } }, headers)

export const invalid = (field: string, message: string): Problem =>
  new Problem(422, 'invalid_field', message, { field })
