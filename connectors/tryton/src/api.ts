// What every part of the connector works with.
import type { Host } from '@plumbline/sdk'
import type { Company } from './company.ts'
import type { Remembered } from './remembered.ts'
import type { Rpc } from './rpc.ts'
import type { Settings } from './settings.ts'
import type { Turns } from './turns.ts'
import type { Row } from './values.ts'

export type TrytonApi = {
  readonly settings: Settings
  readonly host: Host
  readonly rpc: Rpc
  /** The company whose books these are. */
  readonly company: Company
  /** Ids of what people call by a name. */
  readonly names: Remembered<number>
  /** What Tryton fills in for a line. */
  readonly lines: Remembered<Row>
  /** Confirmations one after the other. */
  readonly confirming: Turns
}
