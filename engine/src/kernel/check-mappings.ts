// Checks mappings against the systems: objects and fields that they name, and the values of picklists on both sides.
import type { AnyContract, AnyRule, Field, Fields, Instance, Mapping, Project } from '@plumbline/sdk'
import { fieldsOf, ownersOf, ruleFor } from './check-fields.ts'
import { type Finding, finding, repeated } from './finding.ts'

/**
 * What a system is known to have beside what the project says of it: by kind of system, object and field. An object is
 * told of completely in what `isTold` says of its fields; of others nothing is known.
 */
export type Schemas = Readonly<Record<string, Schema>>
type Schema = {
  /** Where this is written, for people. */
  readonly in: string
  /** Whether a field of this name must be told of to exist. */
  readonly isTold: (field: string) => boolean
  readonly objects: Readonly<Record<string, Readonly<Record<string, { readonly values?: readonly string[] }>>>>
}

export const checkMappings = (project: Project, schemas: Schemas): Finding[] =>
  project.systems.flatMap(system => [
    ...twice(system),
    ...system.mappings.flatMap(mapping => {
      const contract = project.contracts.find(one => one.contract === mapping.contract)
      if (!contract) return [stranger(system, mapping)]
      const schema = schemas[mapping.connector.name]
      return [
        ...nativeNames(system, mapping, schema),
        ...fieldsOf(contract).flatMap(([name, field]) => values(system, mapping, contract, name, field, schema)),
      ]
    }),
  ])

const stranger = ({ instance }: Instance, { contract }: Mapping): Finding =>
  finding(
    'contract-unknown',
    { system: instance },
    `It maps "${contract}", which is no contract of the project.`,
    'Add that contract to the project, or take the mapping out.',
  )

const twice = ({ instance, mappings }: Instance): Finding[] =>
  repeated(mappings.map(mapping => mapping.object)).map(object =>
    finding(
      'name-twice',
      { system: instance },
      `Two of its mappings speak of ${object}; only the last would be heard.`,
      'Make them one, or map another object.',
    ),
  )

// ---- names

type Native = { readonly object: string; readonly fields: Fields; readonly names: readonly string[] }

function nativeNames({ instance }: Instance, mapping: Mapping, schema: Schema | undefined): Finding[] {
  const { contract, connector, object } = mapping
  const about = { contract, system: instance }
  const spec = connector.objects[object]
  if (!spec) {
    const sentence = `It is mapped to ${object}, which ${connector.name} does not have.`
    return [finding('native-unknown', about, sentence, `Name one of: ${Object.keys(connector.objects).join(', ')}.`)]
  }
  return named(mapping, spec.fields, spec.entries ?? {}).flatMap(native =>
    [...new Set(native.names)].flatMap(name => {
      if (!(name in native.fields)) {
        const sentence = `It is mapped to ${native.object}.${name}, which is not among the fields of ${native.object} here.`
        return [
          finding(
            'native-unknown',
            about,
            sentence,
            `Add it to the description of ${native.object}, or correct the name.`,
          ),
        ]
      }
      if (!schema?.isTold(name) || schema.objects[native.object]?.[name]) return []
      const sentence = `It is mapped to ${native.object}.${name}, and ${schema.in} has no such field.`
      return [
        finding(
          'native-unknown',
          about,
          sentence,
          `Create the field in the system and add it to ${schema.in}, or correct the name.`,
        ),
      ]
    }),
  )
}

/** The native names that a mapping uses: of its object, and of each list's entries. */
function named(mapping: Mapping, fields: Fields, entries: Readonly<Record<string, string>>): Native[] {
  const { rules, options, object } = mapping
  const lists = Object.values(rules).flatMap((rule): Native[] => {
    if (typeof rule === 'string' || !('each' in rule)) return []
    const of = (fields[rule.each]?.of ?? {}) as Fields
    const inner = Object.values(rule.fields).flatMap(namesIn)
    return [
      {
        object: entries[rule.each] ?? rule.each,
        fields: of,
        names: [rule.id, ...(rule.key ? [rule.key] : []), ...inner],
      },
    ]
  })
  const own = Object.values(rules).flatMap(namesIn)
  const extra = [
    options.key ?? [],
    options.says ?? [],
    options.only?.from ?? [],
    Object.keys(options.onCreate ?? {}),
  ].flat()
  return [{ object, fields, names: [...own, ...extra] }, ...lists]
}

/** The native fields that a rule speaks of. */
export function namesIn(rule: AnyRule): readonly string[] {
  if (typeof rule === 'string') return [rule]
  if ('field' in rule) return [rule.field]
  if ('from' in rule) return rule.from
  if ('createOnly' in rule) return [rule.createOnly]
  return 'each' in rule ? [rule.each] : []
}

// ---- values

/** A field of a few values, and what the system has for each. */
function values(
  { instance, role }: Instance,
  mapping: Mapping,
  { contract }: AnyContract,
  name: string,
  field: Field<unknown>,
  schema: Schema | undefined,
): Finding[] {
  const rule = ruleFor(mapping, name)
  if (rule === undefined || (field.kind !== 'oneOf' && field.kind !== 'stages')) return []
  const native = typeof rule === 'string' ? rule : 'field' in rule ? rule.field : undefined
  if (native === undefined) return []
  const about = { contract, field: name, system: instance }
  const place = `${mapping.object}.${native}`
  const table = tableOf(rule, field.values)
  const described = mapping.connector.objects[mapping.object]?.fields[native]
  const owns = ownersOf(field).includes(role)
  const picklist = described?.values ?? []
  return [
    ...(table ? uncovered(about, place, field.values, table) : []),
    ...(table ? strange(about, place, table, picklist, schema, told(schema, mapping.object, native)) : []),
    ...(owns ? unread(about, place, rule, table, field.values, picklist) : []),
  ]
}

type About = { readonly contract: string; readonly field: string; readonly system: string }
type Table = ReadonlyMap<string, readonly string[]>

/** Our values, and the native ones that stand for each; nothing when a function decides. */
function tableOf(rule: AnyRule, values: readonly string[]): Table | undefined {
  if (typeof rule === 'string') return new Map(values.map(value => [value, [value]]))
  if (!('values' in rule)) return undefined
  return new Map(Object.entries(rule.values).map(([ours, theirs]) => [ours, [theirs].flat()]))
}

const told = (schema: Schema | undefined, object: string, field: string): readonly string[] =>
  schema?.objects[object]?.[field]?.values ?? []

const uncovered = (about: About, place: string, values: readonly string[], table: Table): Finding[] =>
  values
    .filter(value => !table.get(value)?.length)
    .map(value =>
      finding(
        'value-unmapped',
        about,
        `"${value}" has no counterpart in ${place}.`,
        `Say what stands for it there: '${value}': '…' in values.`,
      ),
    )

/** Native values that the table names and the picklist does not have, neither as the project describes it nor as it is. */
function strange(
  about: About,
  place: string,
  table: Table,
  described: readonly string[],
  schema: Schema | undefined,
  there: readonly string[],
): Finding[] {
  return [...table.values()].flat().flatMap(value => {
    const misses = (picklist: readonly string[]): boolean => picklist.length > 0 && !picklist.includes(value)
    if (!misses(described) && !misses(there)) return []
    const [picklist, why] = misses(described)
      ? [described, 'is not among the values of that field here']
      : [there, `is not in the picklist that ${schema?.in} has`]
    return finding(
      'value-unknown',
      about,
      `"${value}" is mapped to ${place}, and ${why}.`,
      `Use one of: ${picklist.join(', ')}; or add the value to the picklist.`,
    )
  })
}

/** Native values of the owner that would not be understood. A function is asked about each: it is pure. */
function unread(
  about: About,
  place: string,
  rule: AnyRule,
  table: Table | undefined,
  values: readonly string[],
  picklist: readonly string[],
): Finding[] {
  const understood = (value: string): boolean => {
    if (table) return [...table.values()].flat().includes(value)
    if (typeof rule !== 'object' || !('read' in rule)) return true
    return values.includes(String(readOr(rule.read as (value: unknown) => unknown, value)))
  }
  return picklist
    .filter(value => !understood(value))
    .map(value =>
      finding(
        'native-value-unmapped',
        about,
        `A record whose ${place} is "${value}" would not be understood: no value of "${about.field}" stands for it.`,
        `Say which of ${values.join(', ')} it means, or add a value to the contract.`,
      ),
    )
}

const readOr = (read: (value: unknown) => unknown, value: string): unknown => {
  try {
    return read(value)
  } catch {
    return undefined
  }
}
