// The gateway's door: an HTTP server on the loopback address with the health check, the admin API and the console.
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import { realHost } from '../host.ts'
import type { Plan } from '../kernel/plan.ts'
import { BadCursor } from '../observe/cursor.ts'
import { type Db, isAway } from '../store/db.ts'
import { addRoutes } from './api.ts'
import { addConsole, noSuchAddress } from './console.ts'
import { bodyOf, PROBLEMS, Problem, problem } from './problems.ts'
import type { Ask } from './routes/shared.ts'
import { Sandboxes } from './sandboxes.ts'
import { refuseOtherAddresses, refuseStrangers } from './strangers.ts'
import { Stream } from './stream.ts'

/** What the gateway needs of an engine. */
export type Behind = {
  readonly db: Db
  readonly plan: Plan
  ready(): Promise<{
    readonly ready: boolean
    readonly waitingFor: readonly string[]
    readonly catchingUp?: readonly string[]
  }>
  /** Puts a question to the system that answers it; an engine that only looks cannot. */
  readonly ask?: Ask
}

export type ServeOptions = {
  /** 0 takes any free one. */
  readonly port: number
  /** A loopback address; 127.0.0.1 when left out. */
  readonly host?: string
  /** The folder of the console's built files; without it, or while it is empty, `/` says so. */
  readonly console?: string
  /** Addresses of the sandboxes whose switches may be turned; on this machine. */
  readonly sandboxes?: readonly string[]
  readonly log?: (sentence: string, facts?: Record<string, unknown>) => void
}

export type Gateway = { readonly url: string; close(): Promise<void> }

/** Serves the admin API and the console: `const gateway = await serve(engine, { port: 4600 })`. */
export async function serve(engine: Behind, options: ServeOptions): Promise<Gateway> {
  const { port, host = '127.0.0.1', console, sandboxes = [], log = () => undefined } = options
  refuseOtherAddresses(host)
  const app = Fastify({
    bodyLimit: 1_000_000,
    routerOptions: { maxParamLength: 16_000 },
    forceCloseConnections: 'idle',
    // A filter that was misspelt is said so; left out silently, it would answer something else.
    ajv: { customOptions: { removeAdditional: false } },
  })
  answerProblems(app, log)
  addConsole(app, console)
  refuseStrangers(app)
  addHealth(app, engine)
  const world = realHost(log)
  const stream = new Stream(engine.db, world)
  // A connection that never ends by itself would keep the server from closing.
  app.addHook('preClose', async () => stream.stop())
  addRoutes(app, {
    db: engine.db,
    plan: engine.plan,
    host: world,
    ...(engine.ask && { ask: engine.ask }),
    sandboxes: new Sandboxes(world, engine.plan, sandboxes),
    stream,
  })
  const url = await app.listen({ port, host })
  return { url, close: () => app.close() }
}

function answerProblems(app: FastifyInstance, log: NonNullable<ServeOptions['log']>): void {
  app.setNotFoundHandler(request => {
    throw noSuchAddress(request.method, request.url.split('?')[0] ?? '')
  })
  app.setErrorHandler<FastifyError | Error>((error, request, reply) => {
    const said = asProblem(error)
    const { status } = PROBLEMS[said.code]
    if (said.code === 'defect')
      log('A request met a defect', { url: request.routeOptions.url, error: error.stack ?? error.message })
    const wait = said.code === 'database-away' ? 1 : said.facts.retryAfterSeconds
    if (typeof wait === 'number') reply.header('retry-after', String(wait))
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
    const { ready, waitingFor, catchingUp = [] } = await engine.ready()
    if (ready && catchingUp.length > 0) return { status: 'ready', catchingUp }
    return ready ? { status: 'ready' } : reply.code(503).send({ status: 'starting', waitingFor })
  })
}
