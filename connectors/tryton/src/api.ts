// What every part of the connector works with.
import type { Host } from '@plumbline/sdk'
import type { Company } from './company.ts'
import type { Remembered } from './remembered.ts'
import type { Rpc } from './rpc.ts'
import type { Settings } from './settings.ts'
import type { Turns } from './turns.ts'

export type TrytonApi = {
  readonly settings: Settings
  readonly host: Host
  readonly rpc: Rpc
  /** The company whose books these are. */
  readonly company: Company
  readonly names: Remembered
  /** Confirmations one after the other. */
  readonly confirming: Turns
}
