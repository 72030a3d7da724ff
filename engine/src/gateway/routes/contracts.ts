// Contracts: whose each field is and what every role does with it; and what a record looks like, as JSON Schema.
import type { FastifyInstance } from 'fastify'
import { instancesOf } from '../../observe/instances.ts'
import { ownersOf } from '../../observe/owners.ts'
import { schemaOf } from '../../observe/schema.ts'
import { problem } from '../problems.ts'
import { name, type Served } from './shared.ts'

const asked = { type: 'object', required: ['contract'], properties: { contract: name } } as const

export function addContractRoutes(app: FastifyInstance, { plan, host }: Served): void {
  app.get('/api/owners', async () => ownersOf(plan.project))

  app.get('/api/instances', async () => instancesOf(plan.project, host.now()))

  app.get<{ Params: { contract: string } }>(
    '/api/contracts/:contract/schema',
    { schema: { params: asked } },
    async ({ params }, reply) => {
      const contract = plan.contracts.get(params.contract)
      if (!contract) {
        const names = [...plan.contracts.keys()].join(', ')
        throw problem('not-found', `The project has no contract "${params.contract}".`, `Ask for one of: ${names}.`)
      }
      return reply.type('application/schema+json').send(JSON.stringify(schemaOf(plan.project, contract)))
    },
  )
}
