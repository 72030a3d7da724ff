// Rows as OData V2 JSON: metadata with uri, type and etag, deferred or expanded navigation, chosen fields.
import { malformed } from './errors.ts'
import type { EntityType, Property, Row } from './model.ts'
import { type EntitySet, navigationNames, navigationOf, type Service } from './service.ts'
import { etagOf, toWire } from './values.ts'

/** What of a row to show. */
export interface Shape {
  readonly set: EntitySet
  readonly fields: readonly (readonly [string, Property])[]
  readonly expanded: readonly {
    readonly name: string
    readonly many: boolean
    rows(row: Row): readonly Row[]
    readonly shape: Shape
  }[]
  readonly deferred: readonly string[]
}

const shapes = new WeakMap<EntityType, Map<string, Shape>>()
const MOST_SHAPES = 100

/** The shape that a caller asks for. Callers ask the same things again and again, so shapes are kept. */
export function shapeOf(service: Service, set: EntitySet, select: string, expand: string): Shape {
  const known = shapes.get(set.type) ?? new Map<string, Shape>()
  const asked = `${select}\n${expand}`
  const found = known.get(asked)
  if (found) return found
  const made = shape(service, set, pathsOf(select), pathsOf(expand))
  if (known.size < MOST_SHAPES) shapes.set(set.type, known.set(asked, made))
  return made
}

const pathsOf = (source: string): string[][] =>
  source
    .split(',')
    .map(path => path.trim())
    .filter(path => path !== '')
    .map(path => path.split('/'))

function shape(service: Service, set: EntitySet, select: readonly string[][], expand: readonly string[][]): Shape {
  const names = navigationNames(service, set)
  const expandedNames = [...new Set(expand.flatMap(path => path[0] ?? []))]
  const everything = select.length === 0 || select.some(path => path[0] === '*')
  const selected = new Set(select.flatMap(path => path[0] ?? []))
  for (const name of selected) {
    if (name !== '*' && !set.type.properties[name] && !names.includes(name)) {
      throw malformed(`Invalid $select: ${set.type.name} does not have the property '${name}'`)
    }
  }
  const shown = (name: string) => everything || selected.has(name)
  return {
    set,
    fields: Object.entries(set.type.properties).filter(([name, property]) => !property.hidden && shown(name)),
    expanded: expandedNames.filter(shown).map(name => {
      const navigation = navigationOf(service, set, name)
      if (!navigation)
        throw malformed(`Invalid $expand: ${set.type.name} does not have the navigation property '${name}'`)
      const below = (paths: readonly string[][]) =>
        paths.filter(path => path[0] === name && path.length > 1).map(path => path.slice(1))
      return {
        name,
        many: navigation.many,
        rows: navigation.rows,
        shape: shape(service, navigation.set, below(select), below(expand)),
      }
    }),
    deferred: names.filter(name => shown(name) && !expandedNames.includes(name)),
  }
}

export function rendered(shape: Shape, row: Row, root: string): Record<string, unknown> {
  const { type } = shape.set
  const uri = `${root}/${keyed(shape.set, row)}`
  const etag = etagOf(type, row)
  const typeName = `${namespaceOf(root)}.${type.name}Type`
  const answer: Record<string, unknown> = {
    __metadata: etag ? { id: uri, uri, type: typeName, etag } : { id: uri, uri, type: typeName },
  }
  for (const [name, property] of shape.fields) answer[name] = toWire(property, row[name])
  for (const name of shape.deferred) answer[name] = { __deferred: { uri: `${uri}/${name}` } }
  for (const { name, many, rows, shape: inner } of shape.expanded) {
    const found = rows(row)
    if (many) answer[name] = { results: found.map(each => rendered(inner, each, root)) }
    else answer[name] = found[0] ? rendered(inner, found[0], root) : null
  }
  return answer
}

/** `A_SalesOrder('17')`, or with names when the key has several parts. */
export function keyed(set: EntitySet, row: Row): string {
  const quoted = (name: string) => `'${encodeURIComponent(String(row[name])).replaceAll("'", "''")}'`
  const [first = ''] = set.type.keys
  if (set.type.keys.length === 1) return `${set.name}(${quoted(first)})`
  return `${set.name}(${set.type.keys.map(name => `${name}=${quoted(name)}`).join(',')})`
}

const namespaceOf = (root: string): string => /\/([A-Z0-9_]+)(?:;[^/]*)?$/.exec(root)?.[1] ?? 'SAP'
