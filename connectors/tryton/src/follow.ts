// The feed: Tryton pushes nothing, so each object is polled; what is new is told once.
import { CursorLost, type Heard } from '@plumbline/sdk'
import type { TrytonApi } from './api.ts'
import { entities } from './objects.ts'
import { Poll } from './poll.ts'
import { millisecondsIn } from './settings.ts'
import { isRow } from './values.ts'

type From = { readonly cursor?: string; readonly objects: readonly string[]; readonly signal: AbortSignal }

/** A cursor moves although nothing happens; how old a stored one may get, so that a new run has little to look at again. */
const storeEveryMs = 60_000
/** Slow answers say that Tryton is busy: it is left alone for so many times as long as they took, but not for longer than that. */
const restFor = 3
const longestRestMs = 5_000

/** The server's clock, by its answer to the smallest question there is. */
export async function clock(api: TrytonApi): Promise<number> {
  const { context } = await api.company.books()
  return (await api.rpc.ask('sale.sale', 'search', [[], 0, 1, null], 'the clock', context)).date
}

export async function* follow(api: TrytonApi, from: From): AsyncIterable<Heard> {
  const pollEvery = millisecondsIn(api.settings.pollEvery, 'pollEvery', 2_000)
  const overlap = millisecondsIn(api.settings.overlap, 'overlap', 60_000)
  const stands = from.cursor === undefined ? undefined : positionsIn(from.cursor)
  const now = await clock(api)
  const polls = Object.values(entities)
    .filter(({ object }) => from.objects.includes(object))
    .map(entity => new Poll(api, entity, stands?.[entity.object] ?? now, overlap))
  const cursor = () => JSON.stringify(Object.fromEntries(polls.map(poll => [poll.entity.object, poll.cursor])))
  let storedAt = api.host.now()
  if (stands === undefined) yield { heard: [], cursor: cursor() }
  for (let round = 0; !from.signal.aborted; round++) {
    const began = api.host.now()
    let tookMs = 0
    // One after the other: Tryton works on one question at a time anyway, and others want to ask as well.
    for (const poll of polls) {
      if (!poll.isBehind && round % poll.entity.everyRounds !== 0) continue
      const askedAt = api.host.now()
      const heard = await poll.next()
      tookMs += api.host.now() - askedAt
      if (from.signal.aborted) return
      const isOld = api.host.now() - storedAt >= storeEveryMs
      if (heard.length === 0 && !isOld) continue
      storedAt = api.host.now()
      yield { heard, cursor: cursor() }
    }
    if (polls.some(poll => poll.isBehind)) continue
    const restMs = Math.max(pollEvery - (api.host.now() - began), Math.min(restFor * tookMs, longestRestMs))
    await api.host.sleep(Math.max(0, restMs), from.signal).catch(() => {})
  }
}

function positionsIn(cursor: string): Readonly<Record<string, number>> {
  try {
    const parsed: unknown = JSON.parse(cursor)
    if (isRow(parsed))
      return Object.fromEntries(
        Object.entries(parsed).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
      )
  } catch {
    // Told below.
  }
  throw new CursorLost('Where the polling of Tryton stood cannot be read; what was missed must be loaded')
}
