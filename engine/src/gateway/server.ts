// The gateway's door: an HTTP server on the loopback address with the health check and the admin API.
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import type { Plan } from '../kernel/plan.ts'
import { BadCursor } from '../observe/journeys.ts'
import { type Db, isAway } from '../store/db.ts'
import { addRoutes } from './api.ts'
import { bodyOf, PROBLEMS, Problem, problem } from './problems.ts'

/** What the gateway needs of an engine. */
export type Behind = {
  readonly db: Db
  readonly plan: Plan
  ready(): Promise<{ readonly ready: boolean; readonly waitingFor: readonly string[] }>
}

export type ServeOptions = {
  /** 0 takes any free one. */
  readonly port: number
  readonly host?: string
  /** Names beside the loopback ones under which requests may arrive. */
  readonly hosts?: readonly string[]
  readonly log?: (sentence: string, facts?: Record<string, unknown>) => void
}

export type Gateway = { readonly url: string; close(): Promise<void> }

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** Serves the admin API: `const gateway = await serve(engine, { port: 4600 })`. */
export async function serve(engine: Behind, options: ServeOptions): Promise<Gateway> {
  const { port, host = '127.0.0.1', hosts = [], log = () => undefined } = options
  const app = Fastify({ bodyLimit: 1_000_000, routerOptions: { maxParamLength: 300 }, forceCloseConnections: 'idle' })
  refuseStrangers(app, new Set([...LOOPBACK, ...hosts]))
  answerProblems(app, log)
  addHealth(app, engine)
  addRoutes(app, engine)
  const url = await app.listen({ port, host })
  return { url, close: () => app.close() }
}

/**
 * A page of any website may send requests to this machine's loopback address, under a name of its own (DNS rebinding)
 * or from its own origin. Neither is answered.
 */
function refuseStrangers(app: FastifyInstance, known: ReadonlySet<string>): void {
  app.addHook('onRequest', async request => {
    const asked = hostOf(request.headers.host)
    if (asked === undefined || !known.has(asked)) {
      throw problem(
        'host-refused',
        `This server is not "${request.headers.host ?? ''}".`,
        'Ask it as localhost or 127.0.0.1.',
      )
    }
    const { origin } = request.headers
    if (origin !== undefined && !known.has(hostOf(origin.replace(/^https?:\/\//, '')) ?? '')) {
      throw problem('host-refused', `Pages of ${origin} may not use this server.`)
    }
  })
}

/** `localhost:4600` is localhost; IPv6 addresses stand in brackets. */
const hostOf = (header: string | undefined): string | undefined =>
  /^(\[[0-9a-f:.]+\]|[^:/\s]+)(:\d+)?$/i.exec(header ?? '')?.[1]?.toLowerCase()

function answerProblems(app: FastifyInstance, log: NonNullable<ServeOptions['log']>): void {
  app.setNotFoundHandler(request => {
    throw problem('no-such-address', `There is no ${request.method} ${request.url.split('?')[0]}.`)
  })
  app.setErrorHandler<FastifyError | Error>((error, request, reply) => {
    const said = asProblem(error)
    const { status } = PROBLEMS[said.code]
    if (said.code === 'defect') log('A request met a defect', { url: request.url, error: error.stack ?? error.message })
    if (said.code === 'database-away') reply.header('retry-after', '1')
    return reply
      .code(status)
      .type('application/problem+json')
      .send(JSON.stringify(bodyOf(said)))
  })
}

function asProblem(error: FastifyError | Error): Problem {
  if (error instanceof Problem) return error
  if (error instanceof BadCursor)
    return problem('bad-cursor', `${error.message}.`, 'Leave "after" out to begin with the first page.')
  if ('validation' in error && error.validation) return problem('bad-request', `${error.message}.`)
  if ('statusCode' in error && error.statusCode === 415)
    return problem('body-refused', 'Send the body as application/json.')
  if ('statusCode' in error && error.statusCode === 413) return problem('body-too-large', error.message)
  if ('statusCode' in error && error.statusCode === 400) return problem('bad-request', error.message)
  if (isAway(error))
    return problem('database-away', 'The database does not answer at the moment.', 'Try again in a few seconds.')
  return problem('defect', 'Something went wrong that should not; nothing was changed.', 'See the log of the engine.')
}

/** Ready when everything is, the database included (the engine asks it). */
function addHealth(app: FastifyInstance, engine: Behind): void {
  app.get('/healthz', async (_, reply) => {
    const { ready, waitingFor } = await engine.ready()
    return ready ? { status: 'ready' } : reply.code(503).send({ status: 'starting', waitingFor })
  })
}
