// Value tables: what our values are called in each system, what is missing, and saying it.
import type { FastifyInstance } from 'fastify'
import { type Table, tableOf, tablesOf } from '../../observe/tables.ts'
import { type FactorRequest, setFactor } from '../edit-factors.ts'
import { type RateRequest, setRate } from '../edit-rates.ts'
import { setWord, tableNamed, type WordRequest } from '../edit-table.ts'
import { problem } from '../problems.ts'
import { closed, flag, name, type Served, written } from './shared.ts'

const wordRequest = {
  ...closed,
  required: ['value', 'system', 'native', 'by', 'why'],
  properties: {
    value: name,
    system: name,
    native: name,
    used: { enum: ['both', 'read', 'written', 'none'] },
    by: name,
    why: { ...written, ...name, maxLength: 2_000 },
    dryRun: flag,
  },
} as const

const currency = { type: 'string', pattern: '^[A-Z]{3}$' } as const
const rateRequest = {
  ...closed,
  required: ['from', 'to', 'since', 'rate', 'by', 'why'],
  properties: {
    from: currency,
    to: currency,
    since: { type: 'string', maxLength: 10 },
    rate: { type: ['string', 'null'], pattern: '^(0\\.\\d*[1-9]\\d*|[1-9]\\d*(\\.\\d+)?)$', maxLength: 40 },
    by: name,
    why: { ...written, ...name, maxLength: 2_000 },
    dryRun: flag,
  },
} as const

const factorRequest = {
  ...closed,
  required: ['unit', 'of', 'is', 'by', 'why'],
  properties: {
    unit: name,
    of: name,
    is: rateRequest.properties.rate,
    thing: name,
    by: name,
    why: rateRequest.properties.why,
    dryRun: flag,
  },
} as const

export function addTableRoutes(app: FastifyInstance, { db, plan }: Served): void {
  app.get('/api/tables', () => tablesOf(db, plan))

  app.get<{ Params: { table: string } }>('/api/tables/:table', async ({ params }): Promise<Table> => {
    const found = await tableOf(db, plan, tableNamed(plan, params.table))
    if (found) return found
    throw problem('not-found', `The table "${params.table}" is not stored yet.`, 'Start a worker of this project once.')
  })

  app.put<{ Params: { table: string }; Body: WordRequest }>(
    '/api/tables/:table/words',
    { schema: { body: wordRequest } },
    ({ params, body }) => setWord(db, plan, params.table, body),
  )

  app.put<{ Params: { table: string }; Body: RateRequest }>(
    '/api/tables/:table/rates',
    { schema: { body: rateRequest } },
    ({ params, body }) => setRate(db, plan, params.table, body),
  )

  app.put<{ Params: { table: string }; Body: FactorRequest }>(
    '/api/tables/:table/factors',
    { schema: { body: factorRequest } },
    ({ params, body }) => setFactor(db, plan, params.table, body),
  )
}
