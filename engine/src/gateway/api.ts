// The admin API, route by route: what an operator may ask and do. Inputs are checked by the schemas that stand with them.
import type { FastifyInstance } from 'fastify'
import type { Plan } from '../kernel/plan.ts'
import { type Announced, eventsAfter, newestSeq } from '../observe/events.ts'
import { type JourneyFilter, journeysOf, STATES } from '../observe/journeys.ts'
import { numbersOf } from '../observe/numbers.ts'
import { problemsOf } from '../observe/problems.ts'
import { recordExplained } from '../observe/record.ts'
import { storyOf } from '../observe/story.ts'
import { systemsOf } from '../observe/systems.ts'
import { tasksOf } from '../observe/tasks.ts'
import type { Db } from '../store/db.ts'
import { answerTask } from './answer.ts'
import { problem } from './problems.ts'
import { type RetryRequest, retry } from './retry.ts'

export type Served = { readonly db: Db; readonly plan: Plan }
export type EventPage = { readonly events: readonly Announced[]; readonly next: number }

const name = { type: 'string', minLength: 1, maxLength: 200 } as const
const limit = { type: 'integer', minimum: 1, maximum: 500 } as const
const flag = { type: 'boolean' } as const
const closed = { type: 'object', additionalProperties: false } as const

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
const taskFilter = { ...closed, properties: { desk: name, limit } } as const
const taskAnswer = { ...closed, required: ['answer', 'by'], properties: { answer: name, by: name } } as const
const retryRequest = {
  ...closed,
  properties: { journey: name, ref: name, system: name, all: flag, dryRun: flag },
} as const
const eventRange = {
  ...closed,
  properties: { after: { anyOf: [{ type: 'integer', minimum: 0 }, { const: 'now' }], default: 0 }, limit },
} as const
const listed = { ...closed, properties: { limit } } as const

export function addRoutes(app: FastifyInstance, { db, plan }: Served): void {
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

  app.get<{ Querystring: { desk?: string; limit?: number } }>(
    '/api/tasks',
    { schema: { querystring: taskFilter } },
    async ({ query }) => ({
      tasks: await tasksOf(db, query.desk, query.limit ?? 100),
    }),
  )

  app.post<{ Params: { task: string }; Body: { answer: string; by: string } }>(
    '/api/tasks/:task/answer',
    { schema: { body: taskAnswer } },
    ({ params, body }) => answerTask(db, params.task, body.answer, body.by),
  )

  app.post<{ Body: RetryRequest }>('/api/retry', { schema: { body: retryRequest } }, ({ body }) =>
    retry(db, plan, body),
  )

  app.get<{ Querystring: { limit?: number } }>('/api/problems', { schema: { querystring: listed } }, ({ query }) =>
    problemsOf(db, plan, query.limit),
  )

  app.get<{ Querystring: { after: number | 'now'; limit?: number } }>(
    '/api/events',
    { schema: { querystring: eventRange } },
    async ({ query: { after, limit } }): Promise<EventPage> => {
      if (after === 'now') return { events: [], next: await newestSeq(db) }
      const events = await eventsAfter(db, after, limit ?? 100)
      return { events, next: events.at(-1)?.seq ?? after }
    },
  )

  app.get('/api/systems', async () => ({ systems: await systemsOf(db, plan) }))

  app.get('/api/numbers', () => numbersOf(db))

  app.get<{ Params: { ref: string } }>('/api/records/:ref', async ({ params: { ref } }) => {
    const record = await recordExplained(db, plan, ref)
    if (record) return record
    throw problem('not-found', `There is no record "${ref}".`, 'GET /api/journeys/<number> tells the refs of a number.')
  })
}
