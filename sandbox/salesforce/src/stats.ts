// Counts what was asked of the sandbox, and remembers when somebody knocked in vain or logged in.
const MOMENTS_KEPT = 5_000

/** What is remembered with its time: a login, a call refused by a limit, a call whose session was refused. */
export type Moment = 'login' | 'limited' | 'turnedAway'

export class Stats {
  readonly #moments: Record<Moment, number[]> = { login: [], limited: [], turnedAway: [] }
  readonly requests: Record<string, number> = {}
  readonly #startedAt = Date.now()
  readonly #startCpu = process.cpuUsage()

  count(kind: string): void {
    this.requests[kind] = (this.requests[kind] ?? 0) + 1
  }

  note(moment: Moment, at: number): void {
    const times = this.#moments[moment]
    times.push(at)
    if (times.length > MOMENTS_KEPT) times.shift()
  }

  report(apiCallsUsed: number, journalEntries: number): unknown {
    const cpu = process.cpuUsage(this.#startCpu)
    const total = Object.values(this.requests).reduce((sum, count) => sum + count, 0)
    return {
      requests: { total, ...this.requests },
      moments: this.#moments,
      apiCallsUsed,
      journalEntries,
      cpuMs: Math.round((cpu.user + cpu.system) / 1000),
      memoryMb: Math.round(process.memoryUsage().rss / 1048576),
      uptimeMs: Date.now() - this.#startedAt,
    }
  }
}

/** A short name for what a request does: query, create, composite graph … */
export function kindOf(method: string, path: readonly string[]): string {
  const [resource = 'resources', second, third, fourth] = path
  if (resource === 'query' || resource === 'queryAll') return second ? 'queryMore' : 'query'
  if (resource === 'composite')
    return second === undefined
      ? 'composite'
      : second === 'sobjects'
        ? `collection.${third && !fourth ? 'retrieve' : fourth ? 'upsert' : verb(method)}`
        : `composite.${second}`
  if (resource !== 'sobjects') return resource
  if (second === undefined || third === 'describe' || (third === undefined && method === 'GET')) return 'describe'
  if (fourth !== undefined && method !== 'GET') return 'upsert'
  return third === 'updated' || third === 'deleted' ? third : verb(method)
}

function verb(method: string): string {
  return method === 'POST' ? 'create' : method === 'PATCH' ? 'update' : method === 'DELETE' ? 'delete' : 'retrieve'
}
