/** The admin API, for the commands that ask a running engine. */
import { Failure, type FailureCode } from './failure.ts'

export class Admin {
  readonly url: string

  constructor(url: string) {
    if (!URL.canParse(url))
      throw new Failure(`"${url}" is no address.`, 'Write it like http://localhost:4600.', 'usage')
    this.url = url.replace(/\/+$/, '')
  }

  get<T>(path: string, query: Readonly<Record<string, string | number | boolean | undefined>> = {}): Promise<T> {
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== false)
    const search = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))
    return this.#send<T>(`${path}${given.length > 0 ? `?${search}` : ''}`)
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.#change<T>('POST', path, body)
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.#change<T>('PUT', path, body)
  }

  #change<T>(method: string, path: string, body: unknown): Promise<T> {
    return this.#send<T>(path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  }

  /** The answers' types are the engine's own: this is the one place that believes them. */
  async #send<T>(path: string, init?: RequestInit): Promise<T> {
    const response = await fetch(`${this.url}${path}`, { ...init, signal: AbortSignal.timeout(30_000) }).catch(
      cause => {
        throw new Failure(
          `Nothing answers at ${this.url}.`,
          'Start Plumbline (npm start, or plumb serve), or name its address with --url or PLUMBLINE_URL.',
          'unreachable',
          { cause },
        )
      },
    )
    const body: unknown = await response.json().catch(() => undefined)
    if (response.ok) return body as T
    throw refusal(this.url, response.status, body)
  }
}

function refusal(url: string, status: number, body: unknown): Failure {
  if (typeof body !== 'object' || body === null || !('detail' in body)) {
    return new Failure(
      `${url} answers ${status} and is not Plumbline.`,
      'Name the address of the engine with --url.',
      'unreachable',
    )
  }
  // The catalogue is the engine's; one of another version may know more.
  const code = 'code' in body ? (String(body.code) as FailureCode) : 'refused'
  const todo = 'todo' in body ? String(body.todo) : undefined
  return new Failure(String(body.detail), todo, code)
}
