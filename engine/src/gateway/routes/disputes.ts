// Disputes: what was edited by those who do not own it, and how often by whom.
import type { FastifyInstance } from 'fastify'
import { type CountedBy, type DisputeFilter, disputesCounted, disputesOf } from '../../observe/disputes.ts'
import { closed, cursor, limit, name, type Served } from './shared.ts'

const listed = {
  ...closed,
  properties: { about: name, contract: name, field: name, system: name, by: name, limit, after: cursor },
} as const
const counted = {
  ...closed,
  properties: { by: { enum: ['user', 'field'] }, days: { type: 'integer', minimum: 1, maximum: 3_660 }, limit },
} as const

export function addDisputeRoutes(app: FastifyInstance, { db, plan }: Served): void {
  app.get<{ Querystring: DisputeFilter }>('/api/disputes', { schema: { querystring: listed } }, ({ query }) =>
    disputesOf(db, plan, query),
  )

  app.get<{ Querystring: { by?: CountedBy; days?: number; limit?: number } }>(
    '/api/disputes/counts',
    { schema: { querystring: counted } },
    ({ query }) => disputesCounted(db, plan, query),
  )
}
