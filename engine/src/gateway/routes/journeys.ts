// Journeys: the list with its filters, the story of each.
import type { FastifyInstance } from 'fastify'
import { type JourneyFilter, journeysOf, STATES } from '../../observe/journeys.ts'
import { recordExplained } from '../../observe/record.ts'
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
    search: name,
    limit,
    after: { type: 'string', maxLength: 500 },
  },
} as const

export function addJourneyRoutes(app: FastifyInstance, { db, plan }: Served): void {
  app.get<{ Querystring: JourneyFilter & { stuck?: boolean } }>(
    '/api/journeys',
    { schema: { querystring: journeyFilter } },
    request => {
      const { stuck, ...filter } = request.query
      return journeysOf(db, plan, stuck ? { ...filter, state: 'stuck' } : filter)
    },
  )

  app.get<{ Params: { asked: string } }>('/api/journeys/:asked', async ({ params: { asked } }) => {
    const story = await storyOf(db, plan, asked)
    if (story) return story
    throw problem(
      'not-found',
      `Nothing is known as "${asked}": no journey, no number or name of a record, no id of a system.`,
      'Ask for a journey id or a number as it stands in a system; GET /api/journeys?search= finds by a part of a title.',
    )
  })

  app.get<{ Params: { ref: string } }>('/api/records/:ref', async ({ params: { ref } }) => {
    const record = await recordExplained(db, plan, ref)
    if (record) return record
    throw problem('not-found', `There is no record "${ref}".`, 'GET /api/journeys/<number> tells the refs of a number.')
  })
}
