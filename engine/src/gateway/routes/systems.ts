// Systems: how each is doing, and the numbers of the whole.
import type { FastifyInstance } from 'fastify'
import { numbersOf } from '../../observe/numbers.ts'
import { systemsOf } from '../../observe/systems.ts'
import type { Served } from './shared.ts'

export function addSystemRoutes(app: FastifyInstance, { db, plan }: Served): void {
  app.get('/api/systems', async () => ({ systems: await systemsOf(db, plan) }))

  app.get('/api/numbers', () => numbersOf(db))
}
