// Journeys: the list with its filters, the story of each.
import type { FastifyInstance } from 'fastify'
import { AGES, type JourneyFilter, SORTS, STATES, WAITS, WORTHS } from '../../observe/filter.ts'
import { journeysOf } from '../../observe/journeys.ts'
import { recordExplained } from '../../observe/record.ts'
import { searchFor } from '../../observe/search.ts'
import { storyOf } from '../../observe/story.ts'
import { problem } from '../problems.ts'
import { closed, flag, limit, name, type Served } from './shared.ts'

const journeyFilter = {
  ...closed,
  properties: {
    state: { enum: ['open', ...STATES] },
    stuck: flag,
    late: flag,
    workflow: name,
    stage: { type: 'string', maxLength: 200, pattern: '^[^\\u0000]*$' },
    system: name,
    age: { enum: AGES },
    worth: { enum: WORTHS },
    waits: { enum: WAITS },
    search: name,
    sort: { enum: SORTS },
    limit,
    after: { type: 'string', maxLength: 500 },
  },
} as const
const searched = { ...closed, required: ['q'], properties: { q: name, limit: { ...limit, maximum: 100 } } } as const
const asks = { ...closed, required: ['asked'], properties: { asked: name } } as const
const refers = { ...closed, required: ['ref'], properties: { ref: name } } as const

export function addJourneyRoutes(app: FastifyInstance, { db, plan }: Served): void {
  app.get<{ Querystring: JourneyFilter & { stuck?: boolean } }>(
    '/api/journeys',
    { schema: { querystring: journeyFilter } },
    request => {
      const { stuck, ...filter } = request.query
      return journeysOf(db, plan, stuck ? { ...filter, state: 'stuck' } : filter)
    },
  )

  app.get<{ Querystring: { q: string; limit?: number } }>(
    '/api/search',
    { schema: { querystring: searched } },
    async ({ query: { q, limit } }) => ({ hits: await searchFor(db, plan, q, limit ?? 20) }),
  )

  app.get<{ Params: { asked: string } }>(
    '/api/journeys/:asked',
    { schema: { params: asks } },
    async ({ params: { asked } }) => {
      const story = await storyOf(db, plan, asked)
      if (story) return story
      throw problem(
        'not-found',
        `Nothing is known as "${asked}": no journey, no number or name of a record, no id of a system.`,
        'Ask for a journey id or a number as it stands in a system; GET /api/search?q= finds by how it begins.',
      )
    },
  )

  app.get<{ Params: { ref: string } }>(
    '/api/records/:ref',
    { schema: { params: refers } },
    async ({ params: { ref } }) => {
      const record = await recordExplained(db, plan, ref)
      if (record) return record
      throw problem(
        'not-found',
        `There is no record "${ref}".`,
        'GET /api/search?q= tells the refs of a number or name.',
      )
    },
  )
}
