// The sandboxes that `plumb start` runs: what each can be made to do wrong, and the switches for it. A sandbox keeps its own
// switches; this only passes on what is asked, on this machine alone.
import type { Host } from '../host.ts'
import type { Plan } from '../kernel/plan.ts'
import { problem } from './problems.ts'

const patienceMs = 2_000
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]']

export type Switch = {
  readonly switch: string
  readonly label: string
  /** What it does, in a sentence. */
  readonly says: string
  readonly on: boolean
}
export type Sandbox = {
  /** The system of the project that it stands for. */
  readonly system: string
  readonly url: string
  readonly switches: readonly Switch[]
  /** Why its switches cannot be seen now. */
  readonly problem: string | null
}
type At = { readonly system: string; readonly url: string }

export class Sandboxes {
  private readonly host: Host
  private readonly all: readonly At[]

  constructor(host: Host, plan: Plan, urls: readonly string[]) {
    this.host = host
    this.all = urls.map(addressOf).flatMap(url => systemsAt(plan, url).map(system => ({ system, url: url.origin })))
  }

  list(): Promise<Sandbox[]> {
    return Promise.all(
      this.all.map(async at => {
        const answer = await this.ask(at, 'GET', '').catch((error: Error) => error)
        const switches = Array.isArray(answer) ? answer.filter(isSwitch) : []
        const away = answer instanceof Error ? `${awayWords(at)}.` : null
        return { ...at, switches, problem: away }
      }),
    )
  }

  async turn(system: string, name: string, on: boolean): Promise<Switch> {
    const at = this.all.find(one => one.system === system)
    if (!at) {
      const known = this.all.map(one => one.system).join(', ')
      throw problem(
        'not-found',
        `There is no sandbox of "${system}".`,
        known ? `There is one of: ${known}.` : 'Sandboxes are run by npm start (plumb start).',
      )
    }
    const answer = await this.ask(at, 'PUT', `/${encodeURIComponent(name)}`, { on }).catch((cause: Error) => {
      throw problem('sandbox-away', `${awayWords(at)}: ${cause.message}.`, 'See whether it runs; npm start runs it.')
    })
    if (isSwitch(answer)) return answer
    throw problem('not-found', `The sandbox of ${system} has no switch "${name}".`, 'GET /api/sandboxes lists them.')
  }

  /** What it answers when it takes the request; nothing when it does not know of it. */
  private async ask({ url }: At, method: string, path: string, body?: object): Promise<unknown> {
    const response = await this.host.fetch(`${url}/_sandbox/switches${path}`, {
      method,
      signal: AbortSignal.timeout(patienceMs),
      redirect: 'error',
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    if (response.status >= 500) throw new Error(`it answers ${response.status}`)
    const answer: unknown = await response.json().catch(() => undefined)
    return response.ok ? answer : undefined
  }
}

const awayWords = ({ system, url }: At): string => `The sandbox of ${system} does not answer at ${url}`

function addressOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' && LOOPBACK.includes(url.hostname)) return url
  throw new Error(`"${text}" is no address of a sandbox: sandboxes run on this machine, as http://127.0.0.1:4601`)
}

/** Those whose settings lead there. */
function systemsAt(plan: Plan, url: URL): readonly string[] {
  const leadsThere = (setting: unknown): boolean => {
    if (typeof setting !== 'string' || !URL.canParse(setting)) return false
    const { protocol, hostname, port } = new URL(setting)
    return protocol === 'http:' && LOOPBACK.includes(hostname) && port === url.port
  }
  const found = [...plan.systems.values()].filter(system => Object.values(system.instance.settings).some(leadsThere))
  return found.map(system => system.name)
}

const isSwitch = (value: unknown): value is Switch =>
  typeof value === 'object' &&
  value !== null &&
  'switch' in value &&
  'on' in value &&
  typeof value.on === 'boolean' &&
  'label' in value &&
  'says' in value
