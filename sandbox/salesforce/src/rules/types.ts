// What a business rule is asked, and when.
import type { Org } from '../org.ts'
import type { Draft } from '../rows.ts'
import type { ObjectType } from '../schema.ts'
import type { FieldValue, Row } from '../table.ts'
import type { Transaction } from '../transaction.ts'

export type Saving = {
  org: Org
  tx: Transaction
  type: ObjectType
  before: Row | undefined
  draft: Draft
  given: Readonly<Record<string, FieldValue>>
}
type Saved = { org: Org; tx: Transaction; type: ObjectType; before: Row | undefined; after: Row | undefined }

export type Rules = {
  /** Fills in what may be left out, before required fields are checked. */
  prepare?(saving: Saving): void
  /** Refuses what is not allowed and derives fields; references are known to exist. */
  beforeSave?(saving: Saving): void
  /** Follows the change elsewhere. `after` is missing when the record was deleted. */
  afterSave?(saved: Saved): void
  beforeDelete?(deleting: { org: Org; tx: Transaction; type: ObjectType; before: Row }): void
}
