// Persons: erasing one.
import type { FastifyInstance } from 'fastify'
import { type EraseRequest, erasePerson } from '../erase.ts'
import { closed, flag, name, type Served } from './shared.ts'

const eraseRequest = {
  ...closed,
  required: ['person', 'by', 'reason'],
  properties: { person: name, preview: flag, by: name, reason: { ...name, maxLength: 2_000 } },
} as const

export function addPersonRoutes(app: FastifyInstance, { db, plan }: Served): void {
  app.post<{ Body: EraseRequest }>('/api/persons/erase', { schema: { body: eraseRequest } }, ({ body }) =>
    erasePerson(db, plan, body),
  )
}
