// From a path such as A_SalesOrder('17')/to_Item to the rows it names.
import { malformed, notFound } from './errors.ts'
import type { Row } from './model.ts'
import { type EntitySet, type Key, navigationOf, type Operation, type Service } from './service.ts'

export type Resource =
  | { readonly is: 'many'; readonly set: EntitySet; readonly rows: readonly Row[] | undefined; readonly parentKey: Key }
  | { readonly is: 'one'; readonly set: EntitySet; readonly row: Row }
  | { readonly is: 'count'; readonly set: EntitySet; readonly rows: readonly Row[] | 'all' }
  | { readonly is: 'operation'; readonly operation: Operation; readonly parameters: Key }

const SEGMENT = /^([A-Za-z_]\w*)(?:\((.*)\))?$/s

export function resourceOf(service: Service, path: string, query: URLSearchParams): Resource {
  const segments = path
    .split('/')
    .filter(part => part !== '')
    .map(decoded)
  const counts = segments.at(-1) === '$count'
  const named = counts ? segments.slice(0, -1) : segments
  const [first = '', ...others] = named
  const operation = service.operations.get(first)
  if (operation && others.length === 0)
    return { is: 'operation', operation, parameters: parametersOf(operation, query) }
  let resource = rootOf(service, first)
  for (const segment of others) resource = step(service, resource, segment)
  if (!counts) return resource
  if (resource.is !== 'many') throw malformed(`$count needs a list of entities before it, not '${named.join('/')}'`)
  return { is: 'count', set: resource.set, rows: resource.rows ?? 'all' }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw malformed(`Invalid path segment '${segment}'`)
  }
}

function parametersOf(operation: Operation, query: URLSearchParams): Key {
  return Object.fromEntries(
    operation.parameters.map(name => {
      const value = query.get(name)
      if (value === null) throw malformed(`Function import ${operation.name} needs the parameter ${name}`)
      return [name, /^'.*'$/s.test(value) ? value.slice(1, -1).replaceAll("''", "'") : value]
    }),
  )
}

function rootOf(service: Service, segment: string): Resource {
  const [, name = '', predicate] = SEGMENT.exec(segment) ?? []
  const set = service.sets.get(name)
  if (!set) throw notFound(`Resource not found for the segment '${segment}'`)
  if (predicate === undefined) return { is: 'many', set, rows: undefined, parentKey: {} }
  const key = keyFrom(set, predicate, {})
  const row = set.source.byKey(key)
  if (!row) throw notFound(`${set.name}(${predicate}) does not exist`)
  return { is: 'one', set, row }
}

function step(service: Service, from: Resource, segment: string): Resource {
  const [, name = '', predicate] = SEGMENT.exec(segment) ?? []
  if (from.is !== 'one') throw malformed(`'${segment}' must follow a single entity`)
  const navigation = navigationOf(service, from.set, name)
  if (!navigation) throw notFound(`Resource not found for the segment '${segment}'`)
  const rows = navigation.rows(from.row)
  const { set } = navigation
  const parentKey = sharedKey(from, set)
  if (!navigation.many) {
    const [row] = rows
    if (!row) throw notFound(`${from.set.name} has no ${name} here`)
    return { is: 'one', set, row }
  }
  if (predicate === undefined) return { is: 'many', set, rows, parentKey }
  const key = keyFrom(set, predicate, parentKey)
  const row = rows.find(each => Object.entries(key).every(([field, value]) => each[field] === value))
  if (!row) throw notFound(`${set.name}(${predicate}) does not exist`)
  return { is: 'one', set, row }
}

/** The key fields that a row below has in common with the row above it. */
const sharedKey = (from: Resource & { is: 'one' }, set: EntitySet): Key =>
  Object.fromEntries(
    from.set.type.keys
      .filter(name => set.type.properties[name] && set.type.properties[name].writable !== 'no')
      .map(name => [name, String(from.row[name])]),
  )

function keyFrom(set: EntitySet, predicate: string, known: Key): Key {
  const { keys } = set.type
  const single = /^\s*'((?:[^']|'')*)'\s*$/.exec(predicate)
  const [first] = keys
  if (single && first && keys.length === 1) return { [first]: unquoted(single[1] ?? '') }
  const parts = [...predicate.matchAll(/(\w+)\s*=\s*'((?:[^']|'')*)'/g)].map(
    ([, name = '', value = '']) => [name, unquoted(value)] as const,
  )
  const key = { ...known, ...Object.fromEntries(parts) }
  const missing = keys.find(name => key[name] === undefined)
  const unknown = parts.find(([name]) => !keys.includes(name))
  if (missing || unknown)
    throw malformed(`Invalid key predicate (${predicate}) for ${set.name}: the key is ${keys.join(', ')}`)
  return key
}

const unquoted = (value: string) => value.replaceAll("''", "'")
