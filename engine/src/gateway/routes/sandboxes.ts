// Sandboxes: their switches, for those who want to see what happens when a system fails.
import type { FastifyInstance } from 'fastify'
import { closed, flag, type Served } from './shared.ts'

const turn = { ...closed, required: ['on'], properties: { on: flag } } as const

export function addSandboxRoutes(app: FastifyInstance, { sandboxes }: Served): void {
  app.get('/api/sandboxes', async () => ({ sandboxes: await sandboxes.list() }))

  app.put<{ Params: { system: string; switch: string }; Body: { on: boolean } }>(
    '/api/sandboxes/:system/switches/:switch',
    { schema: { body: turn } },
    ({ params, body }) => sandboxes.turn(params.system, params.switch, body.on),
  )
}
