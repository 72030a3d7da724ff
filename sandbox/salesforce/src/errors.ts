// One refusal of the API: an HTTP status and the code, message and fields of its error body.

export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly fields: readonly string[] | undefined
  /** A body that is not the usual array of errors (300 Multiple Choices). */
  readonly body: unknown

  constructor(status: number, code: string, message: string, fields?: readonly string[], body?: unknown) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.fields = fields
    this.body = body
  }

  /** The body of a plain REST answer. */
  toBody(): unknown {
    if (this.body !== undefined) return this.body
    const error = { message: this.message, errorCode: this.code }
    return [this.fields ? { ...error, fields: this.fields } : error]
  }

  /** The form inside collection results, whose key is statusCode. */
  toResult(): { statusCode: string; message: string; fields: readonly string[] } {
    return { statusCode: this.code, message: this.message, fields: this.fields ?? [] }
  }
}

export const notFound = (message = 'The requested resource does not exist') => new ApiError(404, 'NOT_FOUND', message)

export const refused = (code: string, message: string, fields: readonly string[] = []) =>
  new ApiError(400, code, message, fields)

export const malformed = (code: string, message: string) => new ApiError(400, code, message)
