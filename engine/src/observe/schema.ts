// A contract as JSON Schema (draft 2020-12): what a record of it looks like to whoever reads our API or follows our events.
import type { AnyContract, Field, Fields, Project } from '@plumbline/sdk'
import { sentence } from './owner-words.ts'

export type JsonSchema = { readonly [key: string]: unknown }

/**
 * The schema of a contract's records. Titles are labels; `x-owner` says whose a field is, `x-ubl` and the like what standards call it. Fields that a reader does not know are
 * no mistake: a newer version of the contract may have more.
 */
export function schemaOf({ project }: Project, { contract, fields, nature, options }: AnyContract): JsonSchema {
  const version = options.version ?? 1
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:plumbline:${encodeURIComponent(project)}:${encodeURIComponent(contract)}:${version}`,
    title: sentence(contract),
    description:
      nature === 'fact'
        ? 'A fact: it is never changed, only followed by another.'
        : 'A state: it changes as those who own its fields change them.',
    'x-contract': contract,
    'x-version': version,
    ...objectOf(fields, {}, options.standards),
    $defs: DEFS,
  }
}

type Standards = NonNullable<AnyContract['options']['standards']>

function objectOf(fields: Fields, more: JsonSchema = {}, standards: Standards = {}): JsonSchema {
  const all = Object.entries<Field<unknown>>(fields)
  return {
    type: 'object',
    properties: {
      ...more,
      ...Object.fromEntries(all.map(([name, field]) => [name, propertyOf(field, standards[name])])),
    },
    required: [...Object.keys(more), ...all.filter(([, field]) => !field.isOptional).map(([name]) => name)],
    additionalProperties: true,
  }
}

function propertyOf(field: Field<unknown>, standards: Standards[string] = {}): JsonSchema {
  const shape = shapeOf(field)
  return {
    title: sentence(field.label),
    // What may be absent may also have been cleared.
    ...(field.isOptional ? { anyOf: [shape, { type: 'null' }] } : shape),
    ...((field.owner !== undefined || field.shared) && { 'x-owner': ownerOf(field) }),
    ...(field.isPersonal && { 'x-personal': true }),
    ...Object.fromEntries(Object.entries(standards).map(([standard, name]) => [`x-${standard}`, name])),
  }
}

function shapeOf(field: Field<unknown>): JsonSchema {
  switch (field.kind) {
    case 'count':
      return { type: 'number' }
    case 'yesNo':
      return { type: 'boolean' }
    case 'money':
      return { $ref: '#/$defs/money' }
    case 'day':
      return { type: 'string', format: 'date' }
    case 'instant':
      return { type: 'string', format: 'date-time' }
    case 'oneOf':
    case 'stages':
      return { type: 'string', enum: field.values }
    case 'ref':
      return refTo(field.to ?? '')
    case 'lines':
      return { type: 'array', items: objectOf(field.of ?? {}, { line: LINE }), ...linesOf(field) }
    case 'list':
      return { type: 'array', items: objectOf(field.of ?? {}) }
    default:
      return { type: 'string' }
  }
}

const LINE: JsonSchema = { title: 'Line', type: 'string', description: 'The key that makes the line this line.' }

const linesOf = ({ lines }: Field<unknown>): JsonSchema =>
  lines?.extras === undefined ? {} : { 'x-extras': lines.extras }

const refTo = (contract: string): JsonSchema => ({
  type: 'object',
  description: `Which ${contract} it is, by our own identity of it.`,
  properties: { contract: { const: contract }, id: { type: 'string' } },
  required: ['contract', 'id'],
  'x-ref': contract,
})

/** The declaration as data; a condition as its source says it. */
const ownerOf = ({ owner, handOver, condition, others, shared }: Field<unknown>): JsonSchema => ({
  ...(shared ?? { role: owner }),
  ...handOver,
  ...(condition && { when: condition.when.toString(), otherwise: condition.otherwise }),
  ...(others && { others }),
})

/** A decimal text, so that no reader makes a float of it. */
const DEFS: JsonSchema = {
  money: {
    type: 'object',
    properties: {
      amount: { type: 'string', pattern: '^-?\\d{1,15}(\\.\\d{1,9})?$' },
      currency: { type: 'string', pattern: '^[A-Z]{3}$' },
    },
    required: ['amount', 'currency'],
    additionalProperties: false,
  },
}
