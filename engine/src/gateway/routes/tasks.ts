// Tasks: what only a person can decide, and the answer.
import type { FastifyInstance } from 'fastify'
import { TASK_STATES, type TaskFilter, tasksOf } from '../../observe/tasks.ts'
import { type Answer, answerTask } from '../answer.ts'
import { closed, cursor, limit, name, type Served, written } from './shared.ts'

const taskFilter = {
  ...closed,
  properties: { state: { enum: TASK_STATES }, desk: name, journey: name, limit, after: cursor },
} as const
const taskAnswer = {
  ...closed,
  required: ['answer', 'by'],
  properties: { answer: name, by: name, comment: written },
} as const

export function addTaskRoutes(app: FastifyInstance, { db, plan }: Served): void {
  app.get<{ Querystring: TaskFilter }>('/api/tasks', { schema: { querystring: taskFilter } }, ({ query }) =>
    tasksOf(db, plan, query),
  )

  app.post<{ Params: { task: string }; Body: Answer }>(
    '/api/tasks/:task/answer',
    { schema: { body: taskAnswer } },
    ({ params, body }) => answerTask(db, params.task, body),
  )
}
