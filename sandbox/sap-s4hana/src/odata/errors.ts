// Errors as SAP Gateway words them: a message class and number, a sentence, and the block of details.
import { randomBytes } from 'node:crypto'

export interface Warning {
  readonly code: string
  readonly message: string
  readonly target?: string
}

export class SapError extends Error {
  override readonly name = 'SapError'
  readonly status: number
  readonly code: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    code: string,
    message: string,
    more: { target?: string; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.target = more.target ?? ''
    this.headers = more.headers ?? {}
  }
}

/** The business said no. */
export const refused = (code: string, message: string, target = '') => new SapError(400, code, message, { target })

/** The request itself is wrong. */
export const malformed = (message: string, target = '') =>
  new SapError(400, '/IWBEP/CM_MGW_RT/022', message, { target })

export const notFound = (message: string) => new SapError(404, '/IWBEP/CM_MGW_RT/020', message)

export function errorBody(error: SapError, service: { name: string; component: string; version: string }, at: number) {
  return JSON.stringify({
    error: {
      code: error.code,
      message: { lang: 'en', value: error.message },
      innererror: {
        application: {
          component_id: service.component,
          service_namespace: '/SAP/',
          service_id: service.name,
          service_version: service.version,
        },
        transactionid: randomBytes(16).toString('hex').toUpperCase(),
        timestamp: timestampOf(at),
        Error_Resolution: {
          SAP_Transaction:
            'For backend administrators: use ADT feed reader "SAP Gateway Error Log" or run /IWFND/ERROR_LOG',
          SAP_Note: 'See SAP Note 1797736 for error analysis (https://service.sap.com/sap/support/notes/1797736)',
        },
        errordetails: [
          {
            code: error.code,
            message: error.message,
            propertyref: error.target,
            severity: 'error',
            target: error.target,
          },
        ],
      },
    },
  })
}

/** `20260608235304.4570000`: the form SAP writes times in inside an error. */
function timestampOf(at: number): string {
  const iso = new Date(at).toISOString()
  return `${iso.slice(0, 19).replace(/[-:T]/g, '')}.${iso.slice(20, 23)}0000`
}

export const warningHeader = (warnings: readonly Warning[]): string => {
  const [first, ...rest] = warnings.map(warning => ({
    code: warning.code,
    message: warning.message,
    severity: 'warning',
    target: warning.target ?? '',
    transition: false,
  }))
  return asciiJson({ ...first, details: rest })
}

/** Header values may not hold anything beyond Latin-1, so everything else is escaped. */
const asciiJson = (value: unknown) =>
  JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
