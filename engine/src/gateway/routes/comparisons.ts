// Comparisons: gaps in what systems told, and sweeps; asking for a sweep.
import type { FastifyInstance } from 'fastify'
import { comparisonLines } from '../../observe/comparisons.ts'
import { askSweep, comparisonNamed, type SweepRequest } from '../sweep.ts'
import { closed, flag, limit, name, type Served } from './shared.ts'

const listed = { ...closed, properties: { system: name, limit } } as const
const sweepRequest = { ...closed, required: ['by'], properties: { object: name, preview: flag, by: name } } as const

export function addComparisonRoutes(app: FastifyInstance, { db, plan, host }: Served): void {
  app.get<{ Querystring: { system?: string; limit?: number } }>(
    '/api/comparisons',
    { schema: { querystring: listed } },
    async ({ query }) => ({
      comparisons: await comparisonLines(db, {
        ...(query.system !== undefined && { systems: [query.system] }),
        limit: query.limit ?? 100,
      }),
    }),
  )

  app.get<{ Params: { comparison: string } }>('/api/comparisons/:comparison', ({ params }) =>
    comparisonNamed(db, params.comparison),
  )

  app.post<{ Params: { system: string }; Body: SweepRequest }>(
    '/api/systems/:system/sweep',
    { schema: { body: sweepRequest } },
    ({ params, body }) => askSweep(db, plan, host.uuid, params.system, body),
  )
}
