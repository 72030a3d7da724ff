// `@{order.id}` in the URLs and bodies of composite calls: values from the answers of earlier calls.
import { malformed } from '../errors.ts'
import { isObject } from '../json.ts'

export type Answers = ReadonlyMap<string, unknown>

const REFERENCE = /@\{([^}]+)\}/g

/** The value with every reference filled in. Throws when an answer is missing or has no such part. */
export function resolveReferences(value: unknown, answers: Answers): unknown {
  if (typeof value === 'string') return value.includes('@{') ? resolveText(value, answers) : value
  if (Array.isArray(value)) return value.map((item: unknown) => resolveReferences(item, answers))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolveReferences(item, answers)]))
}

export function resolveText(text: string, answers: Answers): unknown {
  const whole = /^@\{([^}]+)\}$/.exec(text)
  if (whole?.[1]) return lookUp(whole[1], answers)
  return text.replace(REFERENCE, (_, path: string) => String(lookUp(path, answers)))
}

function lookUp(path: string, answers: Answers): unknown {
  const [name = '', ...steps] = path.split('.')
  let value: unknown = answers.get(name)
  if (!answers.has(name))
    throw malformed('PROCESSING_HALTED', `Invalid reference specified. No value for ${path} found in ${name}`)
  for (const step of steps.flatMap(part => part.split(/[[\]]/).filter(Boolean))) value = partOf(value, step)
  if (value === undefined || value === null)
    throw malformed('PROCESSING_HALTED', `Invalid reference specified. No value for ${path} found in ${name}`)
  return value
}

function partOf(value: unknown, step: string): unknown {
  if (Array.isArray(value)) return value[Number(step)]
  if (!isObject(value)) return undefined
  if (step in value) return value[step]
  const key = Object.keys(value).find(name => name.toLowerCase() === step.toLowerCase())
  return key === undefined ? undefined : value[key]
}
