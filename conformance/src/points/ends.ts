// The four ends of a call, and what is thrown by a read: refused, not now, no answer, nobody is let in.
import { CursorLost, Unavailable } from '@plumbline/sdk'
import type { Answer, Fault, Strike } from '../proxy.ts'
import type { Trial } from '../trial.ts'
import { given, has, must, said, told } from '../verdict.ts'

const page = '<!doctype html><title>Planned maintenance</title><h1>We will be back</h1>'
const busyElsewhere: Answer & { readonly retryAfterMs: number } = {
  status: 429,
  headers: { 'retry-after': '7' },
  body: '{"error":{"code":"too_many_requests","message":"Too many requests"}}',
  retryAfterMs: 7_000,
}

/** Signed in, and known to be well. */
const warm = (trial: Trial): Promise<unknown> => trial.connector.spec.test(trial.api)

/** What a read throws while a fault strikes. */
async function thrownBy(trial: Trial, strike: Strike): Promise<Unavailable> {
  const read = has(trial.spec.list, `The connector lists no ${trial.sample.object}`)
  const answered = await trial
    .during(strike, () => read(trial.api))
    .then(
      ({ records }) => `an answer with ${records.length} records`,
      (error: unknown) => (error instanceof Unavailable ? error : `"${String(error)}"`),
    )
  must(typeof answered !== 'string', `A read was to throw Unavailable, and there was ${answered}`)
  return answered
}

export const ends = [
  {
    point: 'end-refused',
    says: 'What the system will not have is "refused", in words that a person understands',
    run: async (trial: Trial) => {
      const refused = given(trial.sample.refused)
      const ref = trial.ref()
      const end = await trial.writeOne(trial.asCreate(refused(ref), ref))
      must(end.end === 'refused', `It ended ${said(end)}`)
      must(/\w+ \w+ \w+/.test(end.reason), `The reason is "${end.reason}", which says nothing`)
    },
  },
  {
    point: 'end-busy',
    says: 'When the system asks for patience, the end is "unavailable" and says for how long',
    run: async (trial: Trial) => {
      const { retryAfterMs, ...answer } = trial.system.busy ?? busyElsewhere
      await warm(trial)
      const read = await thrownBy(trial, { fault: { answer } })
      must(
        read.retryAfterMs === retryAfterMs,
        `A read is to be tried again in ${retryAfterMs} ms, and says ${read.retryAfterMs}`,
      )
      if (!trial.creates) return
      const end = await trial.during({ fault: { answer } }, () => trial.writeOne(trial.newCreate()))
      must(end.end === 'unavailable', `A write ended ${said(end)}`)
      must(
        end.retryAfterMs === retryAfterMs,
        `A write is to be tried again in ${retryAfterMs} ms, and says ${end.retryAfterMs}`,
      )
    },
  },
  {
    point: 'end-no-answer',
    says: 'A page of a proxy, or half an answer, is never taken for what the system says',
    run: async (trial: Trial) => {
      await warm(trial)
      const down = await thrownBy(trial, { fault: { answer: { status: 503, body: page } } })
      must(down.systemIsDown, 'A proxy says 503, and the read does not say that the system is down')
      const upkeep = await thrownBy(trial, { fault: { answer: { status: 200, body: page } } })
      must(upkeep.systemIsDown, 'A page speaks of maintenance, and the read does not say that the system is down')
      await thrownBy(trial, { fault: { cut: 'reply' } })
      if (!trial.creates) return
      const doneBut = async (what: string, fault: Fault, isHarmless = false): Promise<void> => {
        const create = trial.newCreate()
        const end = await trial.during(trial.onWrites(fault), () => trial.writeOne(create))
        const mayRepeat = isHarmless && end.end === 'unavailable'
        must(end.end === 'unknown' || mayRepeat, `A create was done, ${what}, and it ended ${said(end)}`)
        await trial.ensure(create)
        await trial.isOnce(create.ref)
      }
      // "Not done" is wrong of it, and harms nobody where the same create is done once.
      await doneBut('a proxy said 503', { instead: { status: 503, body: page } }, trial.repeatsCreates)
      await doneBut('a page spoke of maintenance', { instead: { status: 200, body: page } })
      await doneBut('half an answer came', { cut: 'reply' })
    },
  },
  {
    point: 'end-session-expired',
    says: 'A session that has run out is replaced, and the write is done once',
    run: async (trial: Trial) => {
      const { answer, on } = given(trial.system.sessionExpired)
      await warm(trial)
      await trial.ensure(trial.newCreate())
      const create = trial.newCreate()
      const struck = { fault: { answer }, times: 1, ...(on && { on }) }
      const end = await trial.during(struck, () => trial.writeOne(create))
      must(end.end === 'written', `The session had run out, and a write ended ${said(end)}`)
      await trial.isOnce(create.ref)
    },
  },
  {
    point: 'end-locked-out',
    says: 'When nobody is let in, the end is "unavailable" and all calls wait; nothing is blamed on the record',
    run: async (trial: Trial) => {
      const answer = trial.system.lockedOut ?? { status: 401, body: '{"error":"unauthorized"}' }
      await warm(trial)
      const read = await thrownBy(trial, { fault: { answer } })
      must(read.systemIsDown, 'Nobody is let in, and the read does not say that all calls are to wait')
      if (!trial.creates) return
      const end = await trial.during({ fault: { answer } }, () => trial.writeOne(trial.newCreate()))
      must(end.end === 'unavailable', `A write ended ${said(end)}`)
      must(end.systemIsDown, 'Nobody is let in, and the end does not say that all calls are to wait')
    },
  },
  {
    point: 'end-cursor-lost',
    says: 'A feed that cannot go on where it stood says so, instead of beginning anew in silence',
    once: true,
    run: async (trial: Trial) => {
      has(trial.connector.spec.follow, 'The connector has no feed')
      const ear = trial.listen('this is no cursor')
      const error = await ear.untilBroken('The feed did not break').finally(() => ear.stop())
      must(error instanceof CursorLost, `It broke with ${told(String(error))}, and not with CursorLost`)
    },
  },
] as const
