// The audit: what people did, whether it stands as it was written, and the head to keep elsewhere.
import type { FastifyInstance } from 'fastify'
import { auditOf } from '../../observe/audit.ts'
import { auditHead, type Head, verifyAudit } from '../../store/audit.ts'
import { closed, limit, type Served } from './shared.ts'

const page = { ...closed, properties: { before: { type: 'integer', minimum: 1 }, limit } } as const
const noted = {
  ...closed,
  properties: { head: { type: 'string', pattern: '^\\d{1,15}:[0-9a-f]{0,64}$' } },
} as const

export function addAuditRoutes(app: FastifyInstance, { db }: Served): void {
  app.get<{ Querystring: { before?: number; limit?: number } }>(
    '/api/audit',
    { schema: { querystring: page } },
    ({ query }) => auditOf(db, query),
  )

  app.get('/api/audit/head', async () => ({ head: written(await auditHead(db)) }))

  app.get<{ Querystring: { head?: string } }>(
    '/api/audit/verify',
    { schema: { querystring: noted } },
    async ({ query }) => {
      const verified = await verifyAudit(db, query.head === undefined ? undefined : read(query.head))
      return { ...verified, head: written(verified.head) }
    },
  )
}

/** In one word, to be kept outside. */
const written = ({ n, hash }: Head): string => `${n}:${hash}`
function read(head: string): Head {
  const [n, hash = ''] = head.split(':')
  return { n: Number(n), hash }
}
