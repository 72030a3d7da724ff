// Events, in the order in which they were announced; and a stream that says that something changed.
import type { FastifyInstance } from 'fastify'
import { type Announced, eventsAfter, newestSeq } from '../../observe/events.ts'
import { closed, limit, type Served } from './shared.ts'

export type EventPage = { readonly events: readonly Announced[]; readonly next: number }

const eventRange = {
  ...closed,
  properties: { after: { anyOf: [{ type: 'integer', minimum: 0 }, { const: 'now' }], default: 0 }, limit },
} as const

export function addEventRoutes(app: FastifyInstance, { db, stream }: Served): void {
  app.get<{ Querystring: { after: number | 'now'; limit?: number } }>(
    '/api/events',
    { schema: { querystring: eventRange } },
    async ({ query: { after, limit } }): Promise<EventPage> => {
      if (after === 'now') return { events: [], next: await newestSeq(db) }
      const events = await eventsAfter(db, after, limit ?? 100)
      return { events, next: events.at(-1)?.seq ?? after }
    },
  )

  app.get('/api/stream', (_, reply) => {
    const headers = Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)])
    stream.add(reply.raw, Object.fromEntries(headers))
    return reply.hijack()
  })
}
