// A hint: something may have become of a record, so it is read and decided on like anything that a system tells of itself.
import type { Observation } from '@plumbline/sdk'
import type { Host } from '../host.ts'
import type { Heard } from './rows.ts'

export const hintTo = (host: Host, object: string, id: string): Heard => ({
  change: host.uuid(),
  // Whether it is news is told by the time of what is found.
  live: false,
  heardAt: new Date(host.now()).toISOString(),
  observation: { object, id: id as Observation['id'], kind: 'look again', mask: [], fields: {}, position: { at: 0 } },
})
