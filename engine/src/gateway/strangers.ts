// Who may use the gateway while there is no sign-in: programs and pages of this machine, under a name of this machine.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { problem } from './problems.ts'

/** Where the gateway may listen, and the names under which it answers. */
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'] as const

/** The gateway was told to listen where others could reach it. */
class NotLoopback extends Error {
  readonly todo =
    'Leave the address out. To reach it from elsewhere, tunnel to this machine (ssh -L 4600:localhost:4600 …).'
  constructor(host: string) {
    super(
      `The admin API and the console have no sign-in yet, so they listen on 127.0.0.1 alone; ${host} would let others in.`,
    )
  }
}

/** Throws, with what to do, unless the address is this machine's alone. */
export function refuseOtherAddresses(host: string): void {
  const name = host === '::1' ? '[::1]' : host
  if (!LOOPBACK.some(one => one === name)) throw new NotLoopback(host)
}

/**
 * A page of any website may send requests to this machine: under a name of its own that leads here (DNS rebinding), from
 * its own origin, or as a plain form. None of them is answered.
 */
export function refuseStrangers(app: FastifyInstance): void {
  // What a form can send without being asked for leave: this API takes JSON alone.
  app.removeContentTypeParser('text/plain')
  app.addHook('onRequest', async request => {
    refuseForeignHost(request)
    refuseForeignPage(request)
    refuseNothingness(request.url)
    if (changesSomething(request)) refuseForm(request)
  })
}

function refuseForeignHost({ headers: { host } }: FastifyRequest): void {
  const asked = /^(\[[0-9a-f:.]+\]|[^:/\s]+)(:\d+)?$/i.exec(host ?? '')?.[1]?.toLowerCase()
  if (LOOPBACK.some(name => name === asked)) return
  throw problem('host-refused', `This server is not "${host ?? ''}".`, 'Ask it as localhost or 127.0.0.1.')
}

/** Another port of this machine is another origin too: what runs there is somebody else's. */
function refuseForeignPage(request: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site } = request.headers
  const port = request.socket.localPort
  const isOurs = origin === undefined || LOOPBACK.some(name => isSame(origin, name, port))
  // A link that leads here is a visit, and may come from anywhere; what the console itself asks for comes from itself.
  const isVisit = !changesSomething(request) && !isApi(request.url)
  if (isOurs && (isVisit || site === undefined || site === 'same-origin' || site === 'none')) return
  throw problem(
    'origin-refused',
    `Pages of ${origin ?? 'other sites'} may not use this server.`,
    `Use the console at http://localhost:${port}, or a program that sends no Origin.`,
  )
}

const isSame = (origin: string, name: string, port: number | undefined): boolean =>
  origin === `http://${name}:${port}` || (port === 80 && origin === `http://${name}`)

function refuseForm({ headers }: FastifyRequest): void {
  if (/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) return
  throw problem('body-refused', 'Send the body as application/json.')
}

/** The one character that no database keeps stands in no number and no name. */
function refuseNothingness(url: string): void {
  if (/%00/.test(url)) throw problem('bad-request', 'The address has the character U+0000 in it.', 'Leave it out.')
}

const changesSomething = ({ method }: FastifyRequest): boolean => !['GET', 'HEAD', 'OPTIONS'].includes(method)

/** By the path as the router reads it; one that cannot be read is nobody's page. */
export function isApi(url: string): boolean {
  try {
    return /^\/api(\/|$)/.test(decodeURIComponent(url.split('?')[0] ?? ''))
  } catch {
    return true
  }
}
