// The feed: everything that happens is told, also over a restart, also what is committed late, also what is deleted.

import { setTimeout as sleep } from 'node:timers/promises'
import type { NativeId } from '@plumbline/sdk'
import type { Ear } from '../ear.ts'
import type { Trial } from '../trial.ts'
import { Absent, Broken, given, has, must, same, told } from '../verdict.ts'

const feedOf = (trial: Trial): void => {
  has(trial.connector.spec.follow, 'The connector has no feed')
}
const page = '<!doctype html><title>Planned maintenance</title>'

export const feed = [
  {
    point: 'feed-tells',
    says: 'What is created and changed is told, as it is then',
    run: async (trial: Trial) => {
      feedOf(trial)
      await trial.listening(async ear => {
        const id = await trial.record()
        if (trial.creates) await ear.until(() => ear.of(id).length > 0, 'A record that was created is not told')
        if (typeof trial.sample.change !== 'function') return
        const fields = trial.sample.change(4)
        await trial.written({ key: trial.ref(), id, fields, lists: {} })
        const tells = () =>
          ear
            .of(id)
            .some(
              one =>
                one.kind === 'look again' ||
                Object.entries(fields).every(([name, value]) => same(one.fields[name], value)),
            )
        await ear.until(tells, `A change is not told: ${told(fields)}`)
        must(ear.unreadable.length === 0, `The feed could not read ${told(ear.unreadable[0])}`)
      })
    },
  },
  {
    point: 'feed-resumes',
    says: 'What happens while nobody listens is told when the feed goes on from its cursor',
    run: async (trial: Trial) => {
      feedOf(trial)
      trial.newRecord()
      const ear = trial.listen()
      await ear.ready().finally(() => ear.stop())
      const cursor = await ear.stop()
      const ids: NativeId[] = []
      for (let n = 0; n < 3; n++) ids.push(await trial.ensure(trial.newCreate()))
      await trial.listening(async second => {
        for (const id of ids)
          await second.until(() => second.of(id).length > 0, 'A record that was created meanwhile is not told')
      }, cursor)
    },
  },
  {
    point: 'feed-late-commit',
    says: 'A change that shows only after later ones, because it was committed late, is told all the same',
    run: (trial: Trial) =>
      inTime(trial, () =>
        trial.listening(async ear => {
          const late = await showLate(trial, ear)
          if (late.isInTime) await ear.until(() => ear.of(late.id).length > 0, 'A record that showed late is not told')
          return late.isInTime
        }),
      ),
  },
  {
    point: 'feed-late-restart',
    says: 'A change that shows late is told also when the feed stood still meanwhile, and goes on from its cursor',
    run: (trial: Trial) =>
      inTime(trial, async () => {
        const { late, cursor } = await trial.listening(async ear => {
          const late = await showLate(trial, ear, () => ear.stop())
          return { late, cursor: ear.cursor }
        })
        if (!late.isInTime) return false
        const told = (ear: Ear) => () => ear.of(late.id).length > 0
        await trial.listening(ear => ear.until(told(ear), 'A record that showed after the restart is not told'), cursor)
        return true
      }),
  },
  {
    point: 'feed-deleted',
    says: 'What is deleted is told',
    run: async (trial: Trial) => {
      feedOf(trial)
      if (!trial.connector.spec.changeFeed?.tellsDeleted)
        throw new Absent('The feed is not declared to tell of what is deleted')
      const remove = given(trial.sample.remove)
      const id = await trial.record()
      await trial.listening(async ear => {
        await remove(id)
        const tells = () => ear.of(id).some(one => one.kind === 'gone' || one.kind === 'look again')
        await ear.until(tells, 'A record that was deleted is not told as gone')
        const read = await trial.spec.read?.(trial.api, [id])
        must(read?.every(one => one.kind === 'gone') ?? true, 'A record that was deleted is read as if it were there')
      })
    },
  },
  {
    point: 'feed-breaks',
    says: 'A feed whose system does not answer breaks and says so, instead of telling nothing for ever',
    once: true,
    run: async (trial: Trial) => {
      feedOf(trial)
      if (trial.connector.spec.changeFeed?.by === 'events')
        throw new Absent('The feed is a stream of events beside HTTP, which the fault proxy does not reach')
      const ear = trial.listen()
      await ear.ready()
      const error = await trial
        .during({ fault: { answer: { status: 503, body: page } } }, () =>
          ear.untilBroken('The system was down, and the feed did not break'),
        )
        .finally(() => ear.stop())
      must(
        error instanceof Error && error.name === 'Unavailable',
        `It broke with ${told(String(error))}, and not with Unavailable`,
      )
    },
  },
  {
    point: 'flag-feed',
    says: 'What the connector declares of its feed is true: events come by themselves, a poll asks again and again',
    once: true,
    run: async (trial: Trial) => {
      feedOf(trial)
      const { changeFeed } = trial.connector.spec
      must(changeFeed, 'The connector has a feed and declares nothing of it (changeFeed)')
      await trial.listening(async ear => {
        const from = trial.proxy.seen.length
        const asks = () => trial.proxy.seen.length - from
        if (changeFeed.by === 'polling') await ear.until(() => asks() >= 2, 'It is declared to poll, and asked nothing')
        else {
          await sleep(1_500)
          must(asks() === 0, `Events are declared, and the feed asked ${asks()} times while nothing happened`)
        }
      })
    },
  },
] as const

/** Tried again when this machine was too slow, and the record showed later than was promised. */
async function inTime(trial: Trial, attempt: () => Promise<boolean>): Promise<void> {
  feedOf(trial)
  for (let n = 0; n < attempts; n++) if (await attempt()) return
  throw new Broken(
    `This machine is too slow: ${attempts} times a record showed later than after ${given(trial.system.lateMs)} ms`,
  )
}
const attempts = 3
/** Many rounds of any poll. */
const longEnoughMs = 2_000

/** A new record that shows only after a later one was told; the last thing is done while it is still hidden. */
async function showLate(
  trial: Trial,
  ear: Ear,
  last: () => Promise<unknown> = async () => {},
): Promise<{ readonly id: NativeId; readonly isInTime: boolean }> {
  const lateMs = given(trial.system.lateMs)
  const [late, quick] = [trial.newCreate(), trial.newCreate()]
  const created = Promise.withResolvers<NativeId>()
  let id: NativeId | undefined
  const hide = (row: Readonly<Record<string, unknown>>) =>
    JSON.stringify(row).includes(late.ref) || String(row.id ?? row.Id ?? row[trial.sample.object]) === id
  const began = performance.now()
  const lasted = () => performance.now() - began
  await trial.during({ fault: { hide, known: created.promise.catch(() => {}) } }, () =>
    trial.at(trial.system.url, async elsewhere => {
      created.resolve(elsewhere.ensure(late))
      id = await created.promise
      const next = await elsewhere.ensure(quick)
      await ear.until(() => ear.of(next).length > 0, 'A record that was created is not told')
      must(ear.of(id).length === 0, 'The kit hid a record, and it was told')
      await sleep(Math.max(0, Math.min(lateMs / 4, longEnoughMs) - lasted()))
      await last()
    }),
  )
  return { id: await created.promise, isInTime: lasted() < lateMs }
}
