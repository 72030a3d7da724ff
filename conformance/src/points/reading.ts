// Reading: whole records, nothing of strangers, every page of a list, and what changed since a time.
import { type NativeId, Refused } from '@plumbline/sdk'
import type { Trial } from '../trial.ts'
import { given, has, must, same, told } from '../verdict.ts'

const strangers = ["x' or '1'='1", 'a/../b?c=d&e#f', '%00', '∅'] as unknown as readonly NativeId[]

export const reading = [
  {
    point: 'connects',
    says: 'The connection can be tested, and the system tells the time',
    once: true,
    run: async ({ connector: { spec }, api }: Trial) => {
      await spec.test(api)
      const clock = await spec.clock(api)
      must(new Date(clock).toISOString() === clock, `The clock says "${clock}", which is no instant in UTC`)
    },
  },
  {
    point: 'read-whole',
    says: 'A record is read whole by its id, with every field that is declared',
    run: async (trial: Trial) => {
      const id = await trial.record()
      const [first, again] = [await trial.read(id), await trial.read(id)]
      must(first.kind === 'seen' && first.mask === 'all', `What was read is "${first.kind}" of ${told(first.mask)}`)
      must(first.object === trial.sample.object, `What was read of ${trial.sample.object} says it is ${first.object}`)
      const missing = Object.keys(trial.spec.fields).filter(name => first.fields[name] === undefined)
      must(missing.length === 0, `These fields are declared and were not read: ${missing.join(', ')}`)
      must(same(first.fields, again.fields) && same(first.position, again.position), 'Read twice, it is not the same')
      must(Number.isFinite(first.position.at) && first.position.at > 0, `Its position is ${told(first.position)}`)
    },
  },
  {
    point: 'read-many',
    says: 'Who is asked for twice is read once; for an id that does not exist, whatever stands in it, nobody is',
    run: async (trial: Trial) => {
      const read = has(trial.spec.read, `The connector reads no ${trial.sample.object} by its id`)
      const id = await trial.record()
      const found = await read(trial.api, [id, id])
      must(found.length === 1 && found[0]?.id === id, `Asked twice for ${id} it read ${told(found.map(one => one.id))}`)
      for (const stranger of strangers) {
        const answered = await read(trial.api, [stranger]).catch((error: unknown) => {
          // A system may call such an id nonsense; it must not take it for anything else.
          if (error instanceof Refused) return []
          throw error
        })
        must(
          answered.every(one => one.kind === 'gone'),
          `Asked for ${stranger} it read ${answered.length} records`,
        )
      }
    },
  },
  {
    point: 'list-pages',
    says: 'A list of all has every record once, over all its pages',
    isSlow: true,
    run: async (trial: Trial) => {
      const { sample } = trial
      const perPage = given(sample.perPage)
      const list = has(trial.spec.list, `The connector lists no ${sample.object}`)
      const before = await trial.all()
      const more = Math.max(1, perPage + 3 - before.length)
      const ids = sample.fill ? [] : await createMany(trial, more)
      await sample.fill?.(more)
      const all = await trial.all()
      const known = new Set<string>(all.map(one => one.id))
      must(all.length === known.size, `${all.length - known.size} records were listed twice`)
      const missed = [...before.map(one => one.id), ...ids].filter(id => !known.has(id))
      must(missed.length === 0, `The list of all misses ${missed.length} records, such as ${missed[0]}`)
      must(all.length >= before.length + more, `Of ${before.length + more} records ${all.length} were listed`)
      must(
        (await list(trial.api)).next !== undefined,
        `${all.length} records came in one page, so paging was not tried`,
      )
    },
  },
  {
    point: 'changed-since',
    says: 'What changed since a time is told, and what changed long before is not',
    run: async (trial: Trial) => {
      const changed = has(
        trial.spec.changed,
        `The connector does not tell which ${trial.sample.object} changed since a time`,
      )
      const since = async (at: number) => {
        const ids = new Set<string>()
        let page: string | undefined
        do {
          const answered = await changed(trial.api, at, page)
          for (const one of answered.records) ids.add(one.id)
          page = answered.next
        } while (page !== undefined)
        return ids
      }
      const id = await trial.record()
      const { position } = await trial.read(id)
      must((await since(position.at)).has(id), 'A record that changed at the very time is not told')
      const later = await since(position.at + 3_600_000)
      must(!later.has(id), 'A record is told as changed an hour after its last change')
    },
  },
] as const

async function createMany(trial: Trial, count: number): Promise<string[]> {
  const ends = await trial.write(...Array.from({ length: count }, () => trial.newCreate()))
  return ends.flatMap(end => (end.end === 'written' ? [end.id] : []))
}
