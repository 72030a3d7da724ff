// Answers of systems that may be given again for a while, each process its own; whoever asks the same while it is being
// asked waits for the same answer.
import { LRUCache } from 'lru-cache'

export type Kept = { readonly answer: unknown; readonly at: number }

const mostKept = 1_000

export class AnswerCache {
  readonly #kept = new LRUCache<string, Kept, () => Promise<Kept>>({
    max: mostKept,
    // What was pushed out while it was being asked is answered all the same.
    ignoreFetchAbort: true,
    fetchMethod: (_key, _old, { context: ask }) => ask(),
  })

  /** The answer, no older than `maxAgeMs`; `fresh` asks anew and keeps that. A failure is not kept. */
  async get(key: string, maxAgeMs: number, fresh: boolean, ask: () => Promise<Kept>): Promise<Kept> {
    return (await this.#kept.fetch(key, { ttl: maxAgeMs, forceRefresh: fresh, context: ask })) ?? ask()
  }
}

/** The same question has the same key, however its fields are ordered. */
export const keyOf = (system: string, question: string, asked: unknown): string =>
  JSON.stringify([system, question, sorted(asked)])

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const named = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, sorted(inner)]))
}
