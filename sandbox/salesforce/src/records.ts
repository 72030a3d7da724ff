// Creates, changes and deletes records inside a transaction: fields checked, references resolved, rules of the objects run.
import { ApiError, malformed, notFound, refused } from './errors.ts'
import { makeId, toId18 } from './ids.ts'
import { isObject, type JsonObject } from './json.ts'
import { CURRENCY, defaultCurrency } from './objects/currency.ts'
import type { Org } from './org.ts'
import { type Draft, touch, withoutNulls, writeDerived } from './rows.ts'
import { rulesOf } from './rules/rules.ts'
import type { Field, ObjectType } from './schema.ts'
import type { FieldValue, Row, Table } from './table.ts'
import { datetimeText } from './times.ts'
import type { Actor, Transaction } from './transaction.ts'
import { parseValue } from './values.ts'

export type UpsertOutcome = { id: string; created: boolean }

export function objectNamed(org: Org, name: string): ObjectType {
  const type = org.schema.named(name)
  if (!type) throw notFound()
  return type
}

export function createRecord(org: Org, tx: Transaction, type: ObjectType, body: JsonObject): string {
  if (!type.createable)
    throw refused('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', `entity type cannot be inserted: ${type.label}`)
  const given = readFields(org, type, body, 'create')
  const table = org.table(type.name)
  const stamp = datetimeText(tx.at)
  const draft: Draft = { Id: '', IsDeleted: false, SystemModstamp: stamp }
  for (const field of type.fields) if (field.defaultValue !== undefined) draft[field.name] = field.defaultValue
  Object.assign(draft, given)
  for (const field of type.fields)
    if (field.type === 'picklist' && !(field.name in given)) applyPicklistDefault(field, draft)
  if (type.fieldNamed.has('ownerid')) draft.OwnerId ??= tx.actor.userId
  draft[CURRENCY] ??= defaultCurrency(type)[CURRENCY]
  const rules = rulesOf(type.name)
  rules.prepare?.({ org, tx, type, before: undefined, draft, given })
  requireFields(type, draft)
  checkReferences(org, type, given)
  checkUnique(table, draft, undefined)
  rules.beforeSave?.({ org, tx, type, before: undefined, draft, given })
  draft.Id = makeId(type.keyPrefix, table.nextSerial())
  for (const field of type.fields)
    if (field.autoNumber && draft[field.name] === undefined) draft[field.name] = nextAutoNumber(org, type, field)
  Object.assign(draft, {
    CreatedDate: stamp,
    CreatedById: tx.actor.userId,
    LastModifiedDate: stamp,
    LastModifiedById: tx.actor.userId,
  })
  const row = withoutNulls(draft)
  tx.put(table, row)
  rules.afterSave?.({ org, tx, type, before: undefined, after: row })
  return row.Id
}

export function updateRecord(org: Org, tx: Transaction, type: ObjectType, id: string, body: JsonObject): void {
  const before = liveRow(org, type, id)
  if (!type.updateable)
    throw refused('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', `entity type cannot be updated: ${type.label}`)
  const given = readFields(org, type, body, 'update')
  const table = org.table(type.name)
  const draft: Draft = { ...before, ...given }
  draft[CURRENCY] ??= defaultCurrency(type)[CURRENCY]
  const rules = rulesOf(type.name)
  rules.prepare?.({ org, tx, type, before, draft, given })
  requireFields(type, draft)
  checkReferences(org, type, given)
  checkUnique(table, draft, before)
  rules.beforeSave?.({ org, tx, type, before, draft, given })
  touch(tx, draft)
  const row = withoutNulls(draft)
  tx.put(table, row)
  rules.afterSave?.({ org, tx, type, before, after: row })
}

export function upsertRecord(
  org: Org,
  tx: Transaction,
  type: ObjectType,
  keyName: string,
  keyText: string,
  body: JsonObject,
  updateOnly = false,
): UpsertOutcome {
  const field = externalIdField(type, keyName)
  const ids = liveIdsByKey(org, type, field, keyText)
  if (ids.length > 1)
    throw new ApiError(
      300,
      'MULTIPLE_CHOICES',
      `${field.name} ${keyText} belongs to ${ids.length} records`,
      undefined,
      ids,
    )
  const [id] = ids
  if (id) {
    updateRecord(org, tx, type, id, body)
    return { id, created: false }
  }
  if (field.type === 'id' || updateOnly) throw notFound()
  return { id: createRecord(org, tx, type, { ...body, [field.name]: keyText }), created: true }
}

export function deleteRecord(org: Org, tx: Transaction, type: ObjectType, id: string): void {
  const table = org.table(type.name)
  const before = liveRow(org, type, id)
  if (!type.deletable) throw refused('INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id')
  rulesOf(type.name).beforeDelete?.({ org, tx, type, before })
  const draft: Draft = { ...before, IsDeleted: true }
  touch(tx, draft)
  tx.put(table, withoutNulls(draft))
  for (const { child, field } of org.schema.childrenOf(type)) letGo(org, tx, child, field, id)
  rulesOf(type.name).afterSave?.({ org, tx, type, before, after: undefined })
}

/** Brings a deleted record back (what the recycle bin does), and with it what went with it. */
export function undeleteRecord(org: Org, tx: Transaction, type: ObjectType, id: string): void {
  const before = org.table(type.name).get(toId18(id) ?? id)
  if (!before?.IsDeleted) throw refused('UNDELETE_FAILED', 'Entity is not in the recycle bin')
  const draft: Draft = { ...before, IsDeleted: false, MasterRecordId: null }
  touch(tx, draft)
  const row = withoutNulls(draft)
  tx.put(org.table(type.name), row)
  rulesOf(type.name).afterSave?.({ org, tx, type, before: undefined, after: row })
  for (const { child, field } of org.schema.childrenOf(type)) {
    const table = org.table(child.name)
    if (field.onParentDelete !== 'cascade' || !table.isIndexed(field.name)) continue
    for (const childId of [...table.find(field.name, row.Id)]) {
      const gone = table.get(childId)
      if (gone?.IsDeleted && gone.SystemModstamp === before.SystemModstamp) undeleteRecord(org, tx, child, childId)
    }
  }
}

/** Takes deleted records out of the recycle bin for good; no event tells of it. */
export function emptyFromBin(org: Org, actor: Actor, ids: readonly string[]): void {
  const found = ids.map(text => {
    const id = toId18(text) ?? text
    const type = org.schema.ofId(id)
    if (!type || !org.table(type.name).get(id)?.IsDeleted)
      throw refused('ENTITY_IS_NOT_IN_RECYCLE_BIN', `The record ${text} is not in the recycle bin`)
    return id
  })
  org.commit(
    actor,
    () => undefined,
    () => ({ purge: found }),
  )
}

/** The row of a live record, by a 15 or 18 character id. */
export function liveRow(org: Org, type: ObjectType, idText: string): Row {
  const id = toId18(idText)
  const row = id ? org.table(type.name).get(id) : undefined
  if (!row)
    throw notFound(
      idText.length === 15 || idText.length === 18
        ? undefined
        : `Provided external ID field does not exist or is not accessible: ${idText}`,
    )
  if (row.IsDeleted) throw refused('ENTITY_IS_DELETED', 'entity is deleted')
  return row
}

export function externalIdField(type: ObjectType, name: string): Field {
  const field = type.fieldNamed.get(name.toLowerCase())
  if (field && (field.externalId || field.type === 'id')) return field
  throw notFound(`Provided external ID field does not exist or is not accessible: ${name}`)
}

export function liveIdsByKey(org: Org, type: ObjectType, field: Field, keyText: string): string[] {
  const table = org.table(type.name)
  if (field.type === 'id') return [liveRow(org, type, keyText).Id]
  const key = parseValue(field, keyText)
  return [...table.find(field.name, key)].filter(id => !table.get(id)?.IsDeleted)
}

type Given = Record<string, FieldValue>

function readFields(org: Org, type: ObjectType, body: JsonObject, act: 'create' | 'update'): Given {
  const given: Given = {}
  const forbidden: string[] = []
  for (const [name, value] of Object.entries(body)) {
    if (name === 'attributes') continue
    const field = type.fieldNamed.get(name.toLowerCase())
    if (!field) {
      const relation = type.relationNamed.get(name.toLowerCase())
      if (relation && (isObject(value) || value === null))
        given[relation.name] = value === null ? null : resolveParent(org, relation, value)
      else throw malformed('INVALID_FIELD', `No such column '${name}' on sobject of type ${type.name}`)
    } else if (!(act === 'create' ? field.createable : field.updateable)) forbidden.push(field.name)
    else given[field.name] = parseValue(field, value)
  }
  if (forbidden.length === 0) return given
  throw refused(
    'INVALID_FIELD_FOR_INSERT_UPDATE',
    `Unable to create/update fields: ${forbidden.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
    forbidden,
  )
}

/** `"Account": {"Plumbline_Ref__c": "C-1"}`: a parent named by its external id. */
function resolveParent(org: Org, relation: Field, value: JsonObject): string {
  const parent = objectNamed(org, relation.referenceTo ?? '')
  const [key] = Object.entries(value).filter(([name]) => name !== 'attributes' && name !== 'type')
  const field = key ? parent.fieldNamed.get(key[0].toLowerCase()) : undefined
  if (!key || !field || !(field.externalId || field.type === 'id')) {
    throw malformed(
      'INVALID_FIELD',
      `${key?.[0] ?? relation.relationshipName} is not an External ID or indexed field for ${parent.name}`,
    )
  }
  const ids = liveIdsByKey(org, parent, field, String(key[1]))
  if (ids.length === 1 && ids[0]) return ids[0]
  const reason = ids.length === 0 ? 'not found' : 'is not unique'
  throw malformed(
    'INVALID_FIELD',
    `Foreign key external ID: ${String(key[1]).toLowerCase()} ${reason} for field ${field.name} in entity ${parent.name}`,
  )
}

function requireFields(type: ObjectType, draft: Draft): void {
  const missing = type.fields
    .filter(field => field.required && (draft[field.name] ?? null) === null)
    .map(field => field.name)
  if (missing.length > 0)
    throw refused('REQUIRED_FIELD_MISSING', `Required fields are missing: [${missing.join(', ')}]`, missing)
}

function checkReferences(org: Org, type: ObjectType, given: Given): void {
  for (const [name, value] of Object.entries(given)) {
    const field = type.fieldNamed.get(name.toLowerCase())
    if (!field?.referenceTo || typeof value !== 'string') continue
    const target = org.schema.ofId(value)
    if (!target) throw refused('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', [])
    if (target.name !== field.referenceTo && !(name === 'OwnerId' && target.name === 'User')) {
      throw refused('FIELD_INTEGRITY_EXCEPTION', `${field.label}: id value of incorrect type: ${value}`, [field.name])
    }
    const row = org.table(target.name).get(value)
    if (!row) throw refused('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', [])
    if (row.IsDeleted) throw refused('ENTITY_IS_DELETED', 'entity is deleted', [])
  }
}

function checkUnique(table: Table, draft: Draft, before: Row | undefined): void {
  for (const field of table.type.fields) {
    const value = field.unique ? draft[field.name] : undefined
    if (value === undefined || value === null || value === before?.[field.name]) continue
    for (const id of table.find(field.name, value)) {
      if (id === before?.Id || table.get(id)?.IsDeleted) continue
      throw refused(
        'DUPLICATE_VALUE',
        `duplicate value found: ${field.name} duplicates value on record with id: ${id}`,
        [],
      )
    }
  }
}

function letGo(org: Org, tx: Transaction, child: ObjectType, field: Field, parentId: string): void {
  const table = org.table(child.name)
  if (!table.isIndexed(field.name)) return
  const ids = [...table.find(field.name, parentId)].filter(id => !table.get(id)?.IsDeleted)
  if (ids.length === 0) return
  if (field.onParentDelete === 'restrict') {
    throw refused(
      'DELETE_FAILED',
      `Your attempt to delete this record could not be completed because it is associated with the following ${child.labelPlural}: ${ids.slice(0, 5).join(', ')}`,
    )
  }
  for (const id of ids) {
    // An earlier cascade of the same deletion may have reached it by another way.
    if (table.get(id)?.IsDeleted) continue
    if (field.onParentDelete === 'cascade') deleteRecord(org, tx, child, id)
    else writeDerived(org, tx, child, id, { [field.name]: null })
  }
}

function applyPicklistDefault(field: Field, draft: Draft): void {
  const preset = field.picklist.find(value => value.isDefault)
  if (preset) draft[field.name] = preset.value
}

function nextAutoNumber(org: Org, type: ObjectType, field: Field): string {
  const key = `${type.name}.${field.name}`
  const number = (org.autoNumbers.get(key) ?? 0) + 1
  org.autoNumbers.set(key, number)
  return (field.autoNumber ?? '{0}').replace(/\{(0+)\}/, (_, zeros: string) =>
    String(number).padStart(zeros.length, '0'),
  )
}
