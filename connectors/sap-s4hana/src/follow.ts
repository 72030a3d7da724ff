// The feed: S/4HANA pushes nothing here, so each entity set is polled; what is new is told once.
import { CursorLost, type Heard } from '@plumbline/sdk'
import type { S4Api } from './api.ts'
import type { Entity } from './entity.ts'
import { isRow } from './odata.ts'
import { Poll } from './poll.ts'
import { millisecondsIn } from './settings.ts'

type From = { readonly cursor?: string; readonly objects: readonly string[]; readonly signal: AbortSignal }

export async function* follow(
  api: S4Api,
  from: From,
  entities: readonly Entity[],
  clock: () => Promise<number>,
): AsyncIterable<Heard> {
  const pollEvery = millisecondsIn(api.settings.pollEvery, 'pollEvery', 250)
  const overlap = millisecondsIn(api.settings.overlap, 'overlap', 30_000)
  const stands = from.cursor === undefined ? undefined : positionsIn(from.cursor)
  const now = await clock()
  const polls = entities
    .filter(({ object }) => from.objects.includes(object))
    .map(
      entity => new Poll(api, entity, stands?.[entity.object] ?? now, stands?.[entity.object] !== undefined, overlap),
    )
  const cursor = () => JSON.stringify(Object.fromEntries(polls.map(poll => [poll.entity.object, poll.cursor])))
  if (stands === undefined) yield { heard: [], cursor: cursor() }
  for (let round = 0; !from.signal.aborted; round++) {
    const began = api.host.now()
    const due = polls.filter(poll => poll.isBehind || round % poll.entity.everyRounds === 0)
    const heard = (await Promise.all(due.map(poll => poll.next()))).flat()
    if (from.signal.aborted) return
    if (heard.length > 0) yield { heard, cursor: cursor() }
    if (polls.some(poll => poll.isBehind)) continue
    await api.host.sleep(Math.max(0, pollEvery - (api.host.now() - began)), from.signal).catch(() => {})
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
  throw new CursorLost('Where the polling of S/4HANA stood cannot be read; what was missed must be loaded')
}
