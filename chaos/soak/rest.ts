// When a record is at rest: no system has anything of it under way, and the engine has nothing of it left to do.
import pg from 'pg'
import { storyOf } from './story.ts'
import type { SoakSystem } from './system.ts'

type Systems = Readonly<Record<string, SoakSystem>>

/** Waits until a record is at rest; false when it is not in time. */
export type Rest = {
  of(label: string): Promise<boolean>
  story(label: string): Promise<string>
  close(): Promise<void>
}

const lookEveryMs = 25
/** A record that nobody touches any more and that is written so often meanwhile never comes to rest. */
const mostEffects = 60
/** Nor does one of which nothing is heard for so long; a busy machine takes its time. */
const patienceMs = 120_000

type Waiting = {
  readonly label: string
  readonly until: number
  readonly pulse: number
  readonly end: (isAtRest: boolean) => void
}

/** One look at the database for all who wait. */
export function watchRest(databaseUrl: string, systems: Systems): Rest {
  const client = new pg.Pool({ connectionString: databaseUrl, max: 2, options: '-c search_path=plumbline' })
  // A connection that breaks is told by the next question; one that breaks after the pool's end is nobody's.
  client.on('error', () => undefined)
  let waiting: Waiting[] = []
  let isClosed = false
  const look = async (): Promise<void> => {
    while (!isClosed) {
      const quiet = waiting
        .filter(({ label }) => isQuiet(systems, label))
        .map(one => ({ ...one, at: pulse(systems, one.label) }))
      const busy = quiet.length > 0 ? await busyIn(client) : new Set<string>()
      const now = performance.now()
      for (const one of quiet)
        if (!busy.has(one.label) && isQuiet(systems, one.label) && pulse(systems, one.label) === one.at) one.end(true)
      for (const one of waiting)
        if (now > one.until || pulse(systems, one.label) > one.pulse + mostEffects) one.end(false)
      await new Promise(resolve => setTimeout(resolve, lookEveryMs))
    }
  }
  const looking = look()
  return {
    of: label =>
      new Promise((resolve, reject) => {
        const one: Waiting = {
          label,
          until: performance.now() + patienceMs,
          pulse: pulse(systems, label),
          end: isAtRest => {
            waiting = waiting.filter(other => other !== one)
            resolve(isAtRest)
          },
        }
        waiting.push(one)
        looking.catch(reject)
      }),
    story: label => storyOf(client, label),
    close: async () => {
      isClosed = true
      await looking
      await client.end()
    },
  }
}

const isQuiet = (systems: Systems, label: string): boolean =>
  Object.values(systems).every(system => system.of(label).underWay === 0)

/** Changes with each effect on a record, in whatever system. */
const pulse = (systems: Systems, label: string): number =>
  Object.values(systems).reduce((sum, system) => sum + system.of(label).journal.length, 0)

/** The labels of all records that the engine has work for: what it heard and has not understood, what it has not written yet. */
async function busyIn(client: pg.Pool): Promise<Set<string>> {
  const { rows } = await client.query<{ label: string }>({
    name: 'soak-busy',
    text: `select split_part(native_id, '-', 2) as label from inbox where not parked
           union select r.fields ->> 'label' from record r join (
             select ref from delivery where worker is null and state in ('due', 'waiting')
             union select ref from delivery where worker is not null
           ) d using (ref)`,
  })
  return new Set(rows.map(row => row.label))
}
