// Somebody asks for a sweep: all that a system has, or one of its objects, is compared with what we hold.
import type { Plan } from '../kernel/plan.ts'
import { type ComparisonLine, comparisonLines } from '../observe/comparisons.ts'
import { audit } from '../store/audit.ts'
import { openSweep } from '../store/comparisons.ts'
import type { Db } from '../store/db.ts'
import { problem } from './problems.ts'

export type SweepRequest = { readonly object?: string; readonly preview?: boolean; readonly by: string }

export async function askSweep(
  db: Db,
  plan: Plan,
  uuid: () => string,
  name: string,
  request: SweepRequest,
): Promise<ComparisonLine> {
  const system = plan.systems.get(name)
  if (!system)
    throw problem(
      'not-found',
      `The project has no system "${name}".`,
      `Name one of: ${[...plan.systems.keys()].join(', ')}.`,
    )
  const { object, preview = false } = request
  const by = request.by.trim()
  if (object !== undefined && !system.objects.includes(object))
    throw problem(
      'not-found',
      `${name} has no mapped object "${object}".`,
      `Name one of: ${system.objects.join(', ')}.`,
    )
  const comparison = `c-${uuid()}`
  const what = object === undefined ? `All of ${name}` : `${object} of ${name}`
  await db.transaction(async tx => {
    await openSweep(tx, {
      comparison,
      system: name,
      objects: object === undefined ? system.objects : [object],
      reason: `${what} is compared${preview ? ', to see what would be found' : ''}, because ${by} asked`,
      by,
      preview,
    })
    await audit(tx, { by, what: 'swept', about: name, facts: { object: object ?? 'all', preview } })
  })
  return comparisonNamed(db, comparison)
}

export async function comparisonNamed(db: Db, comparison: string): Promise<ComparisonLine> {
  const [line] = await comparisonLines(db, { comparison, limit: 1 })
  if (line) return line
  throw problem('not-found', `There is no comparison "${comparison}".`, 'GET /api/comparisons lists them.')
}
