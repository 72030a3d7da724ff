// What can befall the calls to a system: sessions that end or are refused, limits, pages instead of answers, half answers.
// How often we knocked in vain is judged by the sandbox's own records, never by ours.
import { setTimeout as sleep } from 'node:timers/promises'
import { between } from '../test/support/random.ts'
import type { Field, Struck } from './field.ts'

/** People work on: they have sessions of their own, and use none of what programs are allowed. */
const programs = '^(?!sales-people$)'
/** After this long, whatever was under way when something broke has come back. */
const graceMs = 4_000

export async function endSessions({ world, seed, random, isBusy }: Field): Promise<Struck> {
  const before = (await world.salesforce.moments()).login.length
  await world.salesforce.misbehave({ seed, expiredSession: { rate: 0.03, by: programs } })
  while (isBusy()) {
    await sleep(between(random, 800, 1_600))
    await world.salesforce.expireSessions(programs)
  }
  const strikes = await world.salesforce.misbehave()
  const logins = (await world.salesforce.moments()).login.length - before
  // Each process needs a session of its own, and another one for each that was ended.
  const allowed = strikes + workers
  return { strikes, excess: logins > allowed ? [`${logins} logins for ${strikes} sessions that ended`] : [] }
}
const workers = 2

export async function refuseSessions({ world, isShort, say }: Field): Promise<Struck> {
  await sleep(isShort ? 500 : 5_000)
  const began = performance.now()
  const before = (await world.salesforce.moments()).login.length
  await world.salesforce.misbehave({ refused: { what: 'sessions', by: programs } })
  await sleep(isShort ? 7_500 : 65_000)
  await world.salesforce.misbehave()
  const logins = (await world.salesforce.moments()).login.length - before
  const seconds = (performance.now() - began) / 1_000
  say(`${logins} logins in ${Math.round(seconds)} s`)
  // The first few of each process come quickly, then one a minute for all.
  const allowed = isShort ? 2 * workers + 1 : 4 * workers + Math.ceil(seconds / 60)
  return {
    strikes: logins,
    excess: logins > allowed ? [`${logins} logins in ${Math.round(seconds)} s, all in vain`] : [],
  }
}

export async function reachLimits({ world, isShort, isBusy, say }: Field): Promise<Struck> {
  const probeEveryMs = isShort ? 3_000 : 60_000
  await sleep(isShort ? 500 : 5_000)
  const began = Date.now()
  await world.salesforce.misbehave({ requestLimit: { kind: 'daily', by: programs } })
  await sleep(isShort ? graceMs + 4_000 : 90_000)
  await world.salesforce.misbehave()
  const limitedSince = async () => (await world.salesforce.moments()).limited.filter(at => at >= began)
  const inVain = await limitedSince()
  // The first refusal tells us; until every process knows, others are under way.
  const known = (inVain[0] ?? began) + graceMs
  say(`The daily limit refused ${inVain.length} calls, ${inVain.filter(at => at > known).length} of them later on`)
  const latency = { ms: 200, jitterMs: 100, by: programs }
  // What waited for the day's limit comes in a burst, as soon as that is tried again: others use all that is taken at once,
  await world.salesforce.misbehave({ requestLimit: { kind: 'concurrent', atOnce: 0, by: programs }, latency })
  await sleep(isShort ? 0 : probeEveryMs + 30_000)
  await until(async () => (await limitedSince()).length >= inVain.length + leastCrowded)
  const heldUntil = Date.now()
  // and then leave some of it.
  const atOnce = isShort ? 1 : 2
  await world.salesforce.misbehave({ requestLimit: { kind: 'concurrent', atOnce, by: programs }, latency })
  await sleep(isShort ? 1_500 : 15_000)
  while (isBusy()) await sleep(100)
  await world.salesforce.misbehave()
  const crowded = (await limitedSince()).slice(inVain.length)
  say(
    `Too many calls at once refused ${crowded.length}, ${crowded.filter(at => at <= heldUntil).length} while none was taken`,
  )
  const excess = [...tooSoon(inVain, known, probeEveryMs), ...crowdedOut(crowded, heldUntil)]
  return { strikes: inVain.length + crowded.length, excess }
}

const leastCrowded = 3
const mostCrowdedPerSecond = 10
/** By then each call that is refused must be followed by a wait of seconds. */
const backedOffMs = 10_000

/** Whether calls were refused as too many at once, and not in a hot loop as long as nobody was let in. */
export function crowdedOut(refused: readonly number[], heldUntil: number): string[] {
  if (refused.length < leastCrowded)
    return [`${refused.length} calls were refused as too many at once; ${leastCrowded} are needed`]
  const since = (refused[0] ?? 0) + backedOffMs
  const seconds = (heldUntil - since) / 1_000
  const late = refused.filter(at => at > since && at <= heldUntil)
  return late.length > mostCrowdedPerSecond * Math.max(1, seconds)
    ? [`${late.length} calls in ${Math.round(seconds)} s, all refused as too many at once`]
    : []
}

/** Calls come when there is something to do, which on a busy machine may take a while. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const from = performance.now()
  while (!(await isSo()) && performance.now() - from < 20_000) await sleep(100)
}

/** Refused calls that came sooner after the one before than a limit may be tried. */
function tooSoon(refused: readonly number[], since: number, probeEveryMs: number): string[] {
  return refused.flatMap((at, i) => {
    const waitedMs = at - (refused[i - 1] ?? 0)
    return at > since && waitedMs < probeEveryMs ? [`the daily limit was tried again after ${waitedMs} ms`] : []
  })
}

export async function showMaintenance({ world, isShort }: Field): Promise<Struck> {
  await sleep(isShort ? 500 : 5_000)
  await world.salesforce.misbehave({ maintenancePage: { rate: 1, by: programs } })
  await world.s4.misbehave({ maintenancePage: { rate: 1 } })
  await sleep(isShort ? 3_000 : 60_000)
  const strikes = await world.salesforce.misbehave()
  return { strikes: strikes + (await world.s4.misbehave()) }
}

export async function cutAnswers({ world, seed, least, isShort, isBusy }: Field): Promise<Struck> {
  const rate = isShort ? 0.3 : 0.15
  await world.salesforce.misbehave({ seed, truncatedBody: { rate, match: '/services/data/', by: programs } })
  await world.s4.misbehave({ seed, truncatedBody: { rate } })
  while (isBusy()) await sleep(100)
  // What was accepted last is on its way still.
  await sleep(isShort ? 2_000 : 4_000)
  await until(async () => (await world.salesforce.struck()) + (await world.s4.struck()) >= least)
  const strikes = await world.salesforce.misbehave()
  return { strikes: strikes + (await world.s4.misbehave()) }
}
