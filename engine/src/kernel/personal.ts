// What of a project's data tells of a person: the fields that contracts mark, and what systems show of those records. Pure.
import { createHash } from 'node:crypto'
import type { AnyContract, AnyRule, Field, Mapping } from '@plumbline/sdk'
import { refOfNative } from './ids.ts'
import type { Plan } from './plan.ts'

/** Which entries of an object are sealed: all that it names, or all but what it names; of lists, entry by entry. */
export type Covers = {
  readonly seals: (name: string) => boolean
  readonly lists: ReadonlyMap<string, Covers>
}

export type Personal = {
  /** All that is covered, in one word: another one, once a field is marked or mapped otherwise. */
  readonly covers: string
  /** The personal fields of a contract; nothing for one without. */
  fieldsOf(contract: string): Covers | undefined
  /** What of a system's object is sealed: all but what is mapped to a field that is not personal. Nothing for one that tells of no person. */
  nativeOf(system: string, object: string): Covers | undefined
  /** Whose key seals what a system shows of a record before it is known who that is: the ref that follows from the native id. */
  subjectOf(system: string, object: string, nativeId: string): string
  /** Contracts that are a person: they have a personal value of their own. */
  readonly people: readonly string[]
  /** Contracts that tell of a person whom they point to by a personal field: they are erased with that person. */
  readonly belonging: readonly string[]
}

/** Nothing for a project that knows no person: it pays nothing. */
export function personalIn(plan: Plan): Personal | undefined {
  const contracts = new Map(
    [...plan.contracts.values()].flatMap(contract => {
      const covers = personalFields(contract)
      return covers ? [[contract.contract, covers] as const] : []
    }),
  )
  if (contracts.size === 0) return undefined
  const objects = new Map(
    [...plan.systems.values()].flatMap(system =>
      [...system.byObject.values()].flatMap(mapping => {
        const contract = plan.contracts.get(mapping.contract)
        if (!contract || !contracts.has(mapping.contract)) return []
        const covers = nativeFields(contract, mapping)
        const ofEntries = Object.entries(system.connector.objects[mapping.object]?.entries ?? {}).flatMap(
          ([list, object]) => {
            const inList = covers.lists.get(list)
            return inList ? [[`${system.name}/${object}`, inList] as const] : []
          },
        )
        return [[`${system.name}/${mapping.object}`, covers] as const, ...ofEntries]
      }),
    ),
  )
  const pointing = [...contracts.keys()].filter(name => pointsToPerson(plan.contracts.get(name) as AnyContract))
  return {
    covers: coveredIn(plan, [...contracts.keys()]),
    fieldsOf: contract => contracts.get(contract),
    nativeOf: (system, object) => objects.get(`${system}/${object}`),
    subjectOf: (system, object, nativeId) =>
      refOfNative(plan.systems.get(system)?.byObject.get(object)?.contract ?? object, system, object, nativeId),
    people: [...contracts.keys()].filter(name => !pointing.includes(name)),
    belonging: pointing,
  }
}

function coveredIn(plan: Plan, names: readonly string[]): string {
  const marked = names.map(name => {
    const fields = fieldsOf(plan.contracts.get(name) as AnyContract)
    return [name, fields.map(([field, of]) => [field, of.isPersonal, partsOf(of)])]
  })
  const mapped = [...plan.systems.values()].flatMap(system =>
    [...system.byObject.values()]
      .filter(one => names.includes(one.contract))
      .map(one => [
        system.name,
        one.object,
        Object.entries(one.rules).map(([name, rule]) => [name, nativeNamesOf(rule)]),
      ]),
  )
  return createHash('sha256')
    .update(JSON.stringify([marked, mapped]))
    .digest('base64url')
}

const fieldsOf = (contract: AnyContract): [string, Field<unknown>][] => Object.entries<Field<unknown>>(contract.fields)

/** A personal ref says whose record it is. It is no value that anybody could read, and follows merges: it stays as it is. */
const isSealed = (field: Field<unknown>): boolean => field.isPersonal && field.kind !== 'ref'

const pointsToPerson = (contract: AnyContract): boolean =>
  fieldsOf(contract).some(([, field]) => field.isPersonal && field.kind === 'ref')

const partsOf = (field: Field<unknown>): string[] =>
  Object.entries<Field<unknown>>(field.of ?? {}).flatMap(([name, part]) => (isSealed(part) ? [name] : []))

function personalFields(contract: AnyContract): Covers | undefined {
  if (!fieldsOf(contract).some(([, field]) => field.isPersonal || partsOf(field).length > 0)) return undefined
  const whole = new Set(fieldsOf(contract).flatMap(([name, field]) => (isSealed(field) ? [name] : [])))
  const lists = fieldsOf(contract).flatMap(([name, field]) => {
    const parts = new Set(partsOf(field))
    return parts.size > 0 && !whole.has(name) ? [[name, sealing(part => parts.has(part))] as const] : []
  })
  return { seals: name => whole.has(name), lists: new Map(lists) }
}

const sealing = (seals: Covers['seals']): Covers => ({ seals, lists: new Map() })

/** What nobody mapped may tell of the person just as well, so that only what is known to be none of it stays readable. */
function nativeFields(contract: AnyContract, mapping: Mapping): Covers {
  const readable = new Set<string>(mapping.options.key === undefined ? [] : [mapping.options.key])
  const personal = new Set<string>()
  const lists = new Map<string, Covers>()
  for (const [name, rule] of Object.entries(mapping.rules)) {
    const field = contract.fields[name]
    if (!field) continue
    const into = isSealed(field) ? personal : readable
    for (const native of nativeNamesOf(rule)) into.add(native)
    if (typeof rule === 'object' && 'each' in rule && partsOf(field).length > 0)
      lists.set(rule.each, entries(field, rule))
  }
  return { seals: name => personal.has(name) || !readable.has(name), lists }
}

function entries(field: Field<unknown>, rule: Extract<AnyRule, { each: string }>): Covers {
  const parts = new Set(partsOf(field))
  const readable = new Set([
    rule.id,
    ...(rule.key === undefined ? [] : [rule.key]),
    ...Object.entries(rule.fields).flatMap(([part, native]) =>
      typeof native === 'string' && !parts.has(part) ? [native] : [],
    ),
  ])
  return sealing(name => !readable.has(name))
}

/** The native fields that a rule reads or writes. */
export function nativeNamesOf(rule: AnyRule): readonly string[] {
  if (typeof rule === 'string') return [rule]
  if ('each' in rule) return [rule.each]
  if ('createOnly' in rule) return [rule.createOnly]
  if ('from' in rule) return rule.from
  return 'field' in rule ? [rule.field] : []
}
