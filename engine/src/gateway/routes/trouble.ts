// Trouble: what is not well, and trying it again.
import type { FastifyInstance } from 'fastify'
import { problemsOf } from '../../observe/problems.ts'
import { type RetryRequest, retry } from '../retry.ts'
import { closed, flag, limit, name, type Served } from './shared.ts'

/** As many as a page of the list can hold. */
const journeys = { type: 'array', minItems: 1, maxItems: limit.maximum, items: name } as const
const retryRequest = {
  ...closed,
  properties: { journey: name, journeys, ref: name, system: name, all: flag, dryRun: flag, by: name },
} as const
const listed = { ...closed, properties: { limit } } as const

export function addTroubleRoutes(app: FastifyInstance, { db, plan }: Served): void {
  app.get<{ Querystring: { limit?: number } }>('/api/problems', { schema: { querystring: listed } }, ({ query }) =>
    problemsOf(db, plan, query.limit),
  )

  app.post<{ Body: RetryRequest }>('/api/retry', { schema: { body: retryRequest } }, ({ body }) =>
    retry(db, plan, body),
  )
}
