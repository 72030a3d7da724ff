// What stands beside a project about its systems, for the check: the custom fields and picklists of a Salesforce org, as
// salesforce.metadata.json tells of them.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Schemas } from '@plumbline/engine'
import { Failure } from './failure.ts'
import type { Found } from './project.ts'

const FILE = 'salesforce.metadata.json'

/** Beside the project, or above it when that was built. */
export const metadataFile = ({ folder }: Found): string | undefined =>
  [folder, dirname(folder)].map(place => join(place, FILE)).find(existsSync)

export function schemasBeside(project: Found): Schemas {
  const file = metadataFile(project)
  if (file === undefined) return {}
  const told: unknown = parsed(file)
  const objects = entriesOf(told, 'objects').map(([name, object]) => {
    const fields = entriesOf(object, 'fields').map(([field, spec]) => [field, valuesOf(spec)])
    return [name, Object.fromEntries(fields)]
  })
  // Only what somebody added is told of there; standard fields are the system's own.
  return { salesforce: { in: FILE, isTold: field => field.endsWith('__c'), objects: Object.fromEntries(objects) } }
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Failure(`${file} cannot be read: ${why}.`, 'Mend it; it must be JSON.', 'project', { cause })
  }
}

function entriesOf(value: unknown, key: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || !(key in value)) return []
  const inner: unknown = Object.entries(value).find(([name]) => name === key)?.[1]
  return typeof inner === 'object' && inner !== null ? Object.entries(inner) : []
}

function valuesOf(spec: unknown): { values?: readonly string[] } {
  const values = entriesOf(spec, 'values').map(([, value]) => value)
  const texts = values.filter(value => typeof value === 'string')
  return texts.length > 0 ? { values: texts } : {}
}
