// Merging records: the children of the losers become the master's, the losers go to the recycle bin and name their master.
import { refused } from './errors.ts'
import type { JsonObject } from './json.ts'
import type { Org } from './org.ts'
import { deleteRecord, liveRow, updateRecord } from './records.ts'
import { writeDerived } from './rows.ts'
import type { ObjectType } from './schema.ts'
import type { Transaction } from './transaction.ts'

const MERGEABLE = new Set(['Account', 'Contact'])
const MASTER = 'MasterRecordId'

export type Merged = {
  readonly master: string
  readonly losers: readonly string[]
  readonly related: readonly string[]
}

export function mergeRecords(
  org: Org,
  tx: Transaction,
  type: ObjectType,
  masterId: string,
  loserIds: readonly string[],
  fields: JsonObject,
): Merged {
  if (!MERGEABLE.has(type.name)) throw refused('INVALID_TYPE', `${type.label} records cannot be merged`)
  const master = liveRow(org, type, masterId).Id
  const losers = loserIds.map(id => liveRow(org, type, id).Id)
  if (losers.includes(master)) throw refused('INVALID_ID_FIELD', 'A record cannot be merged with itself')
  if (Object.keys(fields).length > 0) updateRecord(org, tx, type, master, fields)
  const related = losers.flatMap(loser => adopt(org, tx, type, loser, master))
  const table = org.table(type.name)
  for (const loser of losers) {
    deleteRecord(org, tx, type, loser)
    const row = table.get(loser)
    if (row) tx.put(table, { ...row, [MASTER]: master })
  }
  return { master, losers, related: [...new Set(related)] }
}

/** The children of one become another's, whatever rules their own objects have: the platform moves them. */
function adopt(org: Org, tx: Transaction, type: ObjectType, from: string, to: string): string[] {
  const moved: string[] = []
  for (const { child, field } of org.schema.childrenOf(type)) {
    const table = org.table(child.name)
    if (field.name === MASTER || !table.isIndexed(field.name)) continue
    for (const id of [...table.find(field.name, from)]) {
      if (table.get(id)?.IsDeleted) continue
      // Its own parent it cannot be.
      writeDerived(org, tx, child, id, { [field.name]: id === to ? null : to })
      moved.push(id)
    }
  }
  return moved
}
