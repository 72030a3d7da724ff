// Tasks: what only a person can decide, and the answer.
import type { FastifyInstance } from 'fastify'
import { tasksOf } from '../../observe/tasks.ts'
import { answerTask } from '../answer.ts'
import { closed, limit, name, type Served } from './shared.ts'

const taskFilter = { ...closed, properties: { desk: name, limit } } as const
const taskAnswer = { ...closed, required: ['answer', 'by'], properties: { answer: name, by: name } } as const

export function addTaskRoutes(app: FastifyInstance, { db }: Served): void {
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
}
