// A hint: something may have become of a record, so it is read and decided on like anything that a system tells of itself.
import type { Observation } from '@plumbline/sdk'
import type { Host } from '../host.ts'
import type { Heard } from './rows.ts'

/** `live`: it is known to be news. Otherwise the time of what is found tells whether it is. */
export const hintTo = (host: Host, object: string, id: string, live = false): Heard => ({
  change: host.uuid(),
  live,
  heardAt: new Date(host.now()).toISOString(),
  observation: { object, id: id as Observation['id'], kind: 'look again', mask: [], fields: {}, position: { at: 0 } },
})
