// /composite/tree: records with the records below them, all created or none.
import { ApiError, malformed } from '../errors.ts'
import { isObject, type JsonObject, textOf } from '../json.ts'
import { createRecord, objectNamed } from '../records.ts'
import type { ChildRelationship, ObjectType } from '../schema.ts'
import { attempt, type Transaction } from '../transaction.ts'
import { atomically, bodyObject, type Call, type Reply } from './types.ts'

const MAX_RECORDS = 200
const MAX_LEVELS = 5

type Node = {
  readonly type: ObjectType
  readonly referenceId: string
  readonly fields: JsonObject
  readonly children: readonly { readonly lookup: string; readonly node: Node }[]
}
type Result = { readonly referenceId: string; readonly id?: string; readonly errors?: readonly unknown[] }

class TakenBack extends Error {}

export function compositeTree(call: Call): Reply {
  const type = objectNamed(call.api.org, call.path[2] ?? '')
  const nodes = recordsIn(bodyObject(call)).map(record => nodeOf(call, type, record, 1))
  const all = nodes.flatMap(withDescendants)
  if (all.length > MAX_RECORDS)
    throw malformed('LIMIT_EXCEEDED', `The limit of ${MAX_RECORDS} records was exceeded: ${all.length}`)
  if (new Set(all.map(node => node.referenceId)).size !== all.length)
    throw malformed('INVALID_INPUT', 'Each referenceId must be unique within the request')
  const results: Result[] = []
  try {
    atomically(call, tx => {
      for (const node of nodes) create(call, tx, node, {}, results)
      if (results.some(result => result.errors)) throw new TakenBack()
    })
  } catch (error) {
    if (!(error instanceof TakenBack)) throw error
    return { status: 400, body: { hasErrors: true, results: results.filter(result => result.errors) } }
  }
  return { status: 201, body: { hasErrors: false, results } }
}

function recordsIn(value: unknown): readonly unknown[] {
  const { records } = isObject(value) ? value : {}
  if (!Array.isArray(records)) throw malformed('INVALID_INPUT', 'A records list is missing')
  return records
}

function nodeOf(call: Call, type: ObjectType, record: unknown, level: number): Node {
  const attributes = isObject(record) && isObject(record.attributes) ? record.attributes : {}
  const referenceId = textOf(attributes.referenceId)
  if (!isObject(record) || referenceId === undefined)
    throw malformed('INVALID_INPUT', 'Include a reference ID for each record in the request.')
  if (textOf(attributes.type)?.toLowerCase() !== type.name.toLowerCase())
    throw malformed('INVALID_INPUT', `The type of the record ${referenceId} must be ${type.name}`)
  if (level > MAX_LEVELS) throw malformed('LIMIT_EXCEEDED', `A tree has at most ${MAX_LEVELS} levels`)
  const relations = call.api.org.schema.childrenOf(type)
  const relationOf = (name: string) => relations.find(known => known.name?.toLowerCase() === name.toLowerCase())
  const entries = Object.entries(record).filter(([name]) => name !== 'attributes')
  return {
    type,
    referenceId,
    fields: Object.fromEntries(entries.filter(([name]) => !relationOf(name))),
    children: entries.flatMap(([name, value]) => childrenOf(call, relationOf(name), value, level)),
  }
}

function childrenOf(call: Call, relation: ChildRelationship | undefined, value: unknown, level: number) {
  if (!relation) return []
  return recordsIn(value).map(record => ({
    lookup: relation.field.name,
    node: nodeOf(call, relation.child, record, level + 1),
  }))
}

function withDescendants(node: Node): Node[] {
  return [node, ...node.children.flatMap(child => withDescendants(child.node))]
}

function create(call: Call, tx: Transaction, node: Node, lookups: JsonObject, results: Result[]): void {
  const { type, referenceId } = node
  try {
    const id = attempt(tx, () => createRecord(call.api.org, tx, type, { ...node.fields, ...lookups }))
    results.push({ referenceId, id })
    for (const { lookup, node: child } of node.children) create(call, tx, child, { [lookup]: id }, results)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    results.push({ referenceId, errors: [error.toResult()] })
  }
}
