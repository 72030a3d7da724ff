// What every part of the connector works with.
import type { Host } from '@plumbline/sdk'
import type { Http } from './http.ts'
import type { Settings } from './settings.ts'

export type S4Api = { readonly settings: Settings; readonly host: Host; readonly http: Http }
