// Why a field has its value: one field whole, or all fields of a record in a line each.
import type { AnyContract } from '@plumbline/sdk'
import type { FastifyInstance } from 'fastify'
import { type ExplainedRecord, explainField, explainRecord, recordNamed, recordsMeant } from '../../observe/explain.ts'
import { type FieldPath, nearestPaths, pathNamed } from '../../observe/field-path.ts'
import { problem } from '../problems.ts'
import { closed, limit, name, type Served } from './shared.ts'

const record = { ...closed, required: ['contract', 'asked'], properties: { contract: name, asked: name } } as const
const field = { ...record, required: [...record.required, 'field'], properties: { ...record.properties, field: name } }
const page = { ...closed, properties: { limit: { ...limit, maximum: 100 }, before: { type: 'integer', minimum: 1 } } }

type Asked = { readonly contract: string; readonly asked: string }
type Page = { readonly limit?: number; readonly before?: number }

export function addExplainRoutes(app: FastifyInstance, served: Served): void {
  const { db, plan } = served

  app.get<{ Params: Asked }>('/api/explain/:contract/:asked', { schema: { params: record } }, async ({ params }) => {
    const contract = contractNamed(served, params.contract)
    return explainRecord(db, plan, contract, await theRecord(served, contract, params.asked))
  })

  app.get<{ Params: Asked & { field: string }; Querystring: Page }>(
    '/api/explain/:contract/:asked/:field',
    { schema: { params: field, querystring: page } },
    async ({ params, query }) => {
      const contract = contractNamed(served, params.contract)
      const found = await theRecord(served, contract, params.asked)
      return explainField(db, plan, contract, found, theField(served, contract, found, params.field), query)
    },
  )
}

function contractNamed({ plan }: Served, asked: string): AnyContract {
  const contract = plan.contracts.get(asked) ?? plan.contracts.get(asked.toLowerCase())
  if (contract) return contract
  const all = [...plan.contracts.keys()]
  throw problem('not-found', `The project has no contract "${asked}".`, `Ask for one of: ${all.join(', ')}.`, {
    contracts: all,
  })
}

async function theRecord({ db, plan }: Served, contract: AnyContract, asked: string): Promise<ExplainedRecord> {
  const [found, ...others] = await recordsMeant(db, plan, contract, asked)
  if (!found)
    throw problem(
      'not-found',
      `No ${contract.contract} is known as "${asked}".`,
      'Ask for a number or name as it stands in a system, word for word; GET /api/search?q= finds by how it begins.',
    )
  if (others.length === 0) return found
  const records = [found, ...others].map(one => recordNamed(plan, contract, one))
  throw problem(
    'several-meant',
    `${records.length} records of "${contract.contract}" are known as "${asked}": ${records.map(one => one.title).join(', ')}.`,
    `Ask for one of them by its ref: ${records.map(one => one.ref).join(', ')}.`,
    { records },
  )
}

/** So many of the fields that there are are named to whoever asked for another. */
const MOST_NAMED = 8

function theField({ plan }: Served, contract: AnyContract, found: ExplainedRecord, asked: string): FieldPath {
  const path = pathNamed(contract, found.fields, asked)
  if (path) return path
  const fields = nearestPaths(contract, found.fields, asked)
  const named = fields.slice(0, MOST_NAMED).join(', ')
  throw problem(
    'not-found',
    `${recordNamed(plan, contract, found).title} has no field "${asked}".`,
    `The nearest of those that it has: ${named}${fields.length > MOST_NAMED ? ` and ${fields.length - MOST_NAMED} more` : ''}.`,
    { fields },
  )
}
