// Everything under /_sandbox: for people and watchers, outside the emulated interface and free of faults.
import type { Call } from '../business/call.ts'
import type { World } from '../business/world.ts'
import type { Faults } from '../faults/faults.ts'
import { jsonReply } from '../http/exchange.ts'
import type { Reply } from '../odata/dispatch.ts'
import { SapError } from '../odata/errors.ts'
import { peopleDoors } from './people.ts'
import { type Counters, faultsDoor, health, journalPage, switchesDoor } from './watch.ts'

export function openDoors(world: World, faults: Faults, counters: Counters, now: () => number) {
  const people = peopleDoors(world)
  return {
    answer(method: string, path: string, query: string, body: string): Reply {
      const name = path.slice('/_sandbox/'.length)
      if (name === 'journal' && method === 'GET') return journalPage(world, new URLSearchParams(query))
      if (name === 'health' && method === 'GET') return health(world)
      if (name === 'stats' && method === 'GET') return counters.reply(now())
      const parsed = parsedBody(body)
      if (parsed === undefined) return jsonReply(400, { error: 'The body is not valid JSON' })
      const [, one] = /^switches(?:\/(.+))?$/.exec(name) ?? []
      if (name === 'switches' || one !== undefined) return switchesDoor(faults, method, one, parsed.value)
      if (name === 'faults') return faultsDoor(faults, method, parsed.value)
      const door = people[name]
      if (!door)
        return jsonReply(404, {
          error: `There is no door /_sandbox/${name}; there are ${Object.keys(people).join(', ')}`,
        })
      if (method !== 'POST') return jsonReply(405, { error: `Door /_sandbox/${name} takes POST, not ${method}` })
      return through(door, parsed.value)
    },
  }

  function through(door: ReturnType<typeof peopleDoors>[string], body: unknown): Reply {
    const call: Call = { by: door.by, at: now(), warn: () => undefined }
    try {
      return jsonReply(
        200,
        world.store.transact(door.by, () => door.act(body, call)),
      )
    } catch (error) {
      if (!(error instanceof SapError)) throw error
      return jsonReply(error.status, { error: error.message, code: error.code })
    }
  }
}

function parsedBody(body: string): { value: unknown } | undefined {
  if (body.trim() === '') return { value: {} }
  try {
    return { value: JSON.parse(body) }
  } catch {
    return undefined
  }
}
