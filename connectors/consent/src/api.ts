// What every part of the connector works with.
import type { Host } from '@plumbline/sdk'
import type { Settings } from './settings.ts'

export type ConsentApi = { readonly settings: Settings; readonly host: Host }
