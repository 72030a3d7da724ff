// Systems: how each is doing, pausing and resuming them, and the numbers of the whole.
import type { FastifyInstance } from 'fastify'
import { numbersOf } from '../../observe/numbers.ts'
import { lanesOf, systemsNow, systemsOf, worthWaitingOf } from '../../observe/systems.ts'
import { type PauseRequest, pauseSystem, resumeSystem } from '../pause.ts'
import { remembered } from '../remember.ts'
import { closed, name, type Served } from './shared.ts'

const pauseRequest = {
  ...closed,
  required: ['by', 'reason'],
  properties: { by: name, reason: { ...name, maxLength: 2_000 } },
} as const
const resumeRequest = { ...closed, required: ['by'], properties: { by: name } } as const

export function addSystemRoutes(app: FastifyInstance, { db, plan, host }: Served): void {
  const lanes = remembered(host, () => lanesOf(db, plan))
  const worth = remembered(host, () => worthWaitingOf(db, plan))
  const now = async () => systemsNow(await lanes(), await worth())

  app.get('/api/systems', async () => ({ systems: systemsOf(plan, await now()) }))

  app.post<{ Params: { system: string }; Body: PauseRequest }>(
    '/api/systems/:system/pause',
    { schema: { body: pauseRequest } },
    ({ params, body }) => pauseSystem(db, plan, params.system, body).finally(lanes.forget),
  )

  app.post<{ Params: { system: string }; Body: { by: string } }>(
    '/api/systems/:system/resume',
    { schema: { body: resumeRequest } },
    ({ params, body }) => resumeSystem(db, plan, params.system, body).finally(lanes.forget),
  )

  app.get('/api/numbers', async () => numbersOf(db, plan, await now()))
}
