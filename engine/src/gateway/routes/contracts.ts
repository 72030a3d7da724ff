// Contracts: whose each field is, and what every role does with it.
import type { FastifyInstance } from 'fastify'
import { ownersOf } from '../../observe/owners.ts'
import type { Served } from './shared.ts'

export function addContractRoutes(app: FastifyInstance, { plan }: Served): void {
  app.get('/api/owners', async () => ownersOf(plan.project))
}
