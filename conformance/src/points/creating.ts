// Creates: one record, however often a create is sent and whatever became of its answer.
import type { Trial } from '../trial.ts'
import { has, must, said, told } from '../verdict.ts'

const times = 5

export const creating = [
  {
    point: 'create-once',
    says: `A create that is asked for ${times} times is one record`,
    run: async (trial: Trial) => {
      const create = trial.newCreate()
      const ids = new Set<string>()
      for (let n = 0; n < times; n++) ids.add(await trial.ensure(create))
      must(ids.size === 1, `${times} times the same create gave ${ids.size} records: ${[...ids].join(', ')}`)
      await trial.isOnce(create.ref)
    },
  },
  {
    point: 'create-found',
    says: 'A create is found by its key, and no other record in its place, whatever stands in the key',
    run: async (trial: Trial) => {
      const ref = trial.newRecord().ref
      has(trial.spec.find, `The connector looks for no ${trial.sample.object} by its key`)
      const refs = [ref, `${ref}%`, `${ref}_`, `${ref}' or 'a'='a`, `${ref}\\"ü&<`]
      const creates = refs.map(one => ({ ...trial.newCreate(one), key: trial.ref() }))
      for (const create of creates) await trial.written(create)
      for (const create of creates) {
        const found = await trial.find(create)
        const others = found.filter(({ fields }) => trial.refOf(fields) !== create.ref)
        must(
          others.length === 0,
          `Looking for ${create.ref} finds ${told(others.map(({ fields }) => trial.refOf(fields)))}`,
        )
        must(found.length === 1, `Looking for ${create.ref} finds ${found.length} records`)
      }
      const none = await trial.find(trial.newCreate())
      must(none.length === 0, `Looking for a create that was never sent finds ${none.length} records`)
    },
  },
  {
    point: 'create-reply-lost',
    says: 'A create whose answer was lost after it was done ends "unknown", was sent once, and is one record in the end',
    run: async (trial: Trial) => {
      const create = trial.newCreate()
      const { result: end, calls } = await trial.proxy.watching(() =>
        trial.during(trial.onWrites({ lose: 'reply' }), () => trial.writeOne(create)),
      )
      const sent = calls.filter(trial.isWrite).length
      must(sent === 1, `The connector sent the create ${sent} times; only the engine sends again`)
      must(end.end === 'unknown', `Its answer was lost, and it ended ${said(end)}`)
      await trial.ensure(create)
      await trial.isOnce(create.ref)
    },
  },
  {
    point: 'create-not-sent',
    says: 'A create that never reached the system ends "unavailable" where nobody listens, "unknown" where it was on its way',
    run: async (trial: Trial) => {
      const create = trial.newCreate()
      const nobody = await trial.at(trial.proxy.nowhere, other => other.writeOne(create))
      must(nobody.end === 'unavailable', `Nobody listened, and it ended ${said(nobody)}`)
      must(nobody.systemIsDown === true, 'Nobody listened, and the end does not say that the system is down')
      const lost = await trial.during(trial.onWrites({ lose: 'request' }), () => trial.writeOne(create))
      must(lost.end === 'unknown', `The connection broke when it was sent, and it ended ${said(lost)}`)
      must((await trial.copies(create.ref)) === 0, 'The kit kept it from the system, and it is there')
      await trial.ensure(create)
      await trial.isOnce(create.ref)
    },
  },
  {
    point: 'create-too-late',
    says: 'A write whose sender may no longer send it is not sent',
    run: async (trial: Trial) => {
      const create = { ...trial.newCreate(), mayStillSend: () => false }
      const { result: end, calls } = await trial.proxy.watching(() => trial.writeOne(create))
      must(end.end === 'unavailable', `It ended ${said(end)}`)
      must(!calls.some(trial.isWrite), 'It was sent all the same')
    },
  },
  {
    point: 'flag-creates',
    says: 'What the connector declares of creates is true: sent several times at once, without looking, they are one',
    run: async (trial: Trial) => {
      trial.newRecord()
      const { createIdempotency } = trial.spec
      must(
        createIdempotency !== undefined,
        `Nothing is declared of creates of ${trial.sample.object} (createIdempotency)`,
      )
      if (createIdempotency === 'searchThenCreate') {
        must(trial.spec.find, 'A create in doubt is to be looked for, and there is no find')
        return
      }
      const create = trial.newCreate()
      const ends = await Promise.all(Array.from({ length: times }, () => trial.writeOne(create)))
      const odd = ends.find(end => end.end !== 'written' && end.end !== 'unavailable')
      must(!odd, `Declared "${createIdempotency}", and one of ${times} ended ${odd && said(odd)}`)
      await trial.ensure(create)
      await trial.isOnce(create.ref)
    },
  },
] as const
