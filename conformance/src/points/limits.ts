// Limits: one call of the engine is one call to the system at a time, the declared pace is one the system bears, and nothing
// hangs.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Trial } from '../trial.ts'
import { has, must, said } from '../verdict.ts'

const paceForMs = 1_500
/** More than a system reads by their ids in one call. */
const many = 60

export const limits = [
  {
    point: 'limit-one-at-once',
    says: 'Whatever is asked of it, the connector has one call under way at a time: permits are counted by calls of the engine',
    run: async (trial: Trial) => {
      const { spec, api } = trial
      const atOnce = async (what: string, act: () => Promise<unknown>): Promise<void> => {
        const { result, calls, atOnce } = await trial.proxy.watching(act)
        must(result === undefined || calls.length > 0, `To ${what}, no call came by: it goes another way than by HTTP`)
        must(atOnce <= 1, `To ${what}, ${atOnce} calls were under way at once`)
      }
      const idsOf = async () => ((await spec.list?.(api))?.records ?? []).map(one => one.id)
      const more = many - (await idsOf()).length
      // Once for the connector: there are systems that take a second for a record.
      if (trial.creates && trial.sample === trial.system.samples[0] && more > 0)
        await trial.write(...Array.from({ length: more }, () => trial.newCreate()))
      const ids = await idsOf()
      await atOnce(`read ${ids.length} records`, async () => spec.read?.(api, ids))
      await atOnce('list records', async () => spec.list?.(api))
      if (!trial.creates) return
      const creates = Array.from({ length: Math.min(spec.batch ?? 1, 20) }, () => trial.newCreate())
      await atOnce('create records', () => trial.write(...creates))
      if (trial.repeatsCreates) await atOnce('create the same records again', () => trial.write(...creates))
      await atOnce('look for records', async () => spec.find?.(api, creates))
    },
  },
  {
    point: 'limit-pace',
    says: 'Driven as hard as its limits allow, the system never says that it is too much',
    once: true,
    isSlow: true,
    run: async (trial: Trial) => {
      const read = has(trial.spec.read, `The connector reads no ${trial.sample.object} by its id`)
      const { concurrency, perSecond } = trial.connector.limits
      must(Number.isInteger(concurrency) && concurrency > 0, `The concurrency is ${concurrency}`)
      const id = await trial.record()
      const until = performance.now() + paceForMs
      const strand = async (): Promise<void> => {
        while (performance.now() < until) {
          const began = performance.now()
          await read(trial.api, [id])
          if (perSecond) await sleep(Math.max(0, (1_000 * concurrency) / perSecond - (performance.now() - began)))
        }
      }
      const { calls } = await trial.proxy.watching(() => Promise.all(Array.from({ length: concurrency }, strand)))
      must(calls.length >= concurrency, `Only ${calls.length} calls were made`)
      const refused = calls.filter(({ status }) => status === 429 || status === 503)
      must(refused.length === 0, `Of ${calls.length} calls ${refused.length} were too many for the system`)
    },
  },
  {
    point: 'limit-longest-call',
    says: 'A call that is never answered ends by itself within the declared time, as "unknown"',
    once: true,
    isSlow: true,
    run: async (trial: Trial) => {
      const { longestCallMs } = trial.connector.limits
      await trial.connector.spec.test(trial.api)
      const began = performance.now()
      const create = trial.newCreate()
      const hang = trial.onWrites({ holdMs: longestCallMs + 20_000 })
      const end = await Promise.race([
        trial.during(hang, () => trial.writeOne(create)),
        sleep(longestCallMs + 5_000, undefined, { ref: false }),
      ])
      must(end, `It was still waiting after ${longestCallMs + 5_000} ms, and ${longestCallMs} are declared`)
      must(end.end === 'unknown', `After ${Math.round(performance.now() - began)} ms it ended ${said(end)}`)
    },
  },
] as const
