// One campaign from beginning to end: open a world, let quotes be accepted while things break, heal, wait until
// everything has come to rest, and judge by the journals.
import { setTimeout as sleep } from 'node:timers/promises'
import { randomOf } from '../test/support/random.ts'
import { openBackOffice } from './backoffice.ts'
import type { Campaign } from './campaigns.ts'
import { check, checkpointsDue, type Verdict } from './check.ts'
import type { Field, Sized, Struck } from './field.ts'
import { Journal } from './journal.ts'
import { unfinished } from './open.ts'
import { type Draft, openTraffic, type Traffic } from './traffic.ts'
import { openWorld, type World } from './world.ts'

export type RunOptions = {
  readonly seed: number
  readonly isShort: boolean
  readonly quotes?: number | undefined
  readonly bug?: string
  /** How long after healing everything may take to come to rest. */
  readonly patienceMs?: number
  /** Whether these findings say all there is to know: nothing that comes later can mend them. */
  readonly isEnough?: (findings: readonly string[]) => boolean
  /** Leave the world's folder behind, to look into. */
  readonly keep?: boolean
  readonly say: (sentence: string) => void
}

export type Outcome = {
  readonly campaign: string
  readonly seed: number
  readonly seconds: number
  /** From the end of the faults and of the traffic until everything was at rest; null when it never was. */
  readonly restedAfterSeconds: number | null
  readonly strikes: number
  /** Workers that ended although nobody killed them. */
  readonly crashes: number
  /** Quotes that wait for a person. */
  readonly asked: number
  /** Accepted quotes that must wait for a person. */
  readonly doubtful: number
  readonly journeys: number
  readonly phantom: number
  readonly echo: number
  readonly succeeded: number
  readonly accepted: number
  readonly lost: number
  readonly doubled: number
  readonly stale: number
  readonly open: number
  /** Calls and logins that should not have been made while something was broken. */
  readonly excess: number
  readonly ok: boolean
}

/** Sandboxes carry out every call within this, so an attempt in doubt need not be waited for as long as a real ERP's. */
const longestCallMs: Sized<number> = { full: 5_000, short: 3_500 }
export const healMs = 60_000
/** What has piled up meanwhile takes its time, even where nothing breaks. */
const backlogPerQuoteMs = 60
/** After everything is at rest: what a late answer or a zombie might still do would show by then. */
const watchMs: Sized<number> = { full: 3_000, short: 1_500 }
const acceptEveryMs = 150

export async function runCampaign(campaign: Campaign, options: RunOptions): Promise<Outcome> {
  const { seed, isShort, bug, keep = false, say } = options
  const began = performance.now()
  const world = await openWorld({
    keep,
    ...(bug !== undefined && { bug }),
    longestCallMs: sizeOf(longestCallMs, isShort),
    ...(campaign.probeEveryMs && { probeEveryMs: sizeOf(campaign.probeEveryMs, isShort) }),
  })
  if (keep) say(`Everything is kept in ${world.folder}`)
  const closeNow = async (): Promise<void> => {
    await world.close()
    process.exit(130)
  }
  process.once('SIGINT', closeNow).once('SIGTERM', closeNow)
  try {
    const traffic = await openTraffic(world.salesforce.url, seed)
    await history(campaign, traffic, isShort, say)
    await world.workers.start(campaign.workers)
    const office = openBackOffice(world.s4.url, seed)
    const { accepted, doubtful, strikes, excess = [] } = await happen(campaign, world, traffic, options)
    const healed = performance.now()
    const judge = judgeIn(world, accepted)
    const patienceMs = options.patienceMs ?? healMs + accepted.size * backlogPerQuoteMs
    const waiting: Waiting = { healed, patienceMs, say, isEnough: options.isEnough ?? (() => false) }
    await settle(judge, waiting)
    // The people behind the ERP finish what they began, and that too must come to rest.
    await office.stop()
    const isAtRest = await settle(judge, waiting)
    const restedAfterSeconds = isAtRest ? secondsSince(healed) : null
    await sleep(sizeOf(watchMs, isShort))
    const { verdict, findings, ...rest } = await judge()
    // Where faults make writes be repeated, a repetition that changes nothing is as it should be.
    const isExpected = (finding: string): boolean => finding.startsWith('echo') && campaign.withoutEcho !== true
    for (const finding of [...verdict.findings, ...findings, ...excess]) if (!isExpected(finding)) say(finding)
    const { findings: _, ...counts } = verdict
    for (const words of world.workers.crashes) say(`Nobody killed it: ${words}`)
    const crashes = world.workers.crashes.length
    const outcome = { restedAfterSeconds, strikes, crashes, doubtful, ...rest, ...counts, excess: excess.length }
    return {
      campaign: campaign.name,
      seed,
      seconds: secondsSince(began),
      ...outcome,
      ok: isGood(campaign, outcome, isShort),
    }
  } finally {
    process.off('SIGINT', closeNow).off('SIGTERM', closeNow)
    await world.close()
  }
}

export const sizeOf = <T>({ full, short }: Sized<T>, isShort: boolean): T => (isShort ? short : full)
export const secondsSince = (began: number): number => Math.round((performance.now() - began) / 100) / 10

/** What was accepted before the engine ever ran. */
async function history(
  { historic }: Campaign,
  traffic: Traffic,
  isShort: boolean,
  say: RunOptions['say'],
): Promise<void> {
  if (!historic) return
  const old = await traffic.draft(sizeOf(historic, isShort))
  for (let at = 0; at < old.length; at += 200) await traffic.accept(old.slice(at, at + 200), 0)
  say(`${old.length} quotes were accepted before the engine's first start`)
  // Salesforce tells its time to the second, and what is of the same second as the start counts as new.
  await sleep(2_000)
}

async function happen(
  campaign: Campaign,
  world: World,
  traffic: Traffic,
  { seed, isShort, quotes, say }: RunOptions,
): Promise<Struck & { accepted: ReadonlySet<string>; doubtful: number }> {
  const drafts = await traffic.draft(quotes ?? sizeOf(campaign.quotes, isShort), campaign.doubtfulOneIn)
  say(`${drafts.length} quotes are in drafts`)
  const accepted = new Set<string>()
  let isBusy = true
  const accepting = acceptAll(campaign, traffic, drafts, sizeOf(campaign.spreadMs, isShort), accepted).finally(() => {
    isBusy = false
  })
  const least = sizeOf(campaign.leastStrikes ?? { full: 0, short: 0 }, isShort)
  const field: Field = { world, random: randomOf(seed, 'faults'), isShort, seed, least, isBusy: () => isBusy, say }
  const [struck = { strikes: 0 }] = await Promise.all([campaign.strike?.(field), accepting])
  say(`${accepted.size} quotes are accepted; it struck ${struck.strikes} times and everything is healed`)
  const doubtful = drafts.filter(({ id, isDoubtful }) => isDoubtful && accepted.has(id)).length
  return { ...struck, accepted, doubtful }
}

export async function acceptAll(
  { editedShare, renames }: Campaign,
  traffic: Traffic,
  drafts: readonly Draft[],
  spreadMs: number,
  accepted: Set<string>,
): Promise<void> {
  const size = spreadMs === 0 ? 200 : Math.min(200, Math.ceil((drafts.length * acceptEveryMs) / spreadMs))
  const began = performance.now()
  for (let at = 0; at < drafts.length; at += size) {
    if (renames) await traffic.rename()
    for (const id of await traffic.accept(drafts.slice(at, at + size), editedShare)) accepted.add(id)
    const due = (spreadMs * (at + size)) / drafts.length
    await sleep(Math.max(0, due - (performance.now() - began)))
  }
}

type Judgement = {
  readonly verdict: Verdict
  readonly open: number
  readonly asked: number
  readonly journeys: number
  readonly findings: readonly string[]
}
export type Judge = () => Promise<Judgement>

/** Reads on in both journals, asks the database what is open, and compares. */
function judgeIn(world: World, accepted: ReadonlySet<string>): Judge {
  const [salesforce, s4] = [new Journal(world.salesforce.url), new Journal(world.s4.url)]
  return async () => {
    await salesforce.readOn()
    await s4.readOn()
    const { asked, ...rest } = await unfinished(world.database.url, checkpointsDue(s4.entries))
    const verdict = check({ accepted, asked, salesforce: salesforce.entries, s4: s4.entries })
    return { verdict, ...rest, asked: asked.size }
  }
}

type Waiting = Required<Pick<RunOptions, 'patienceMs' | 'say' | 'isEnough'>> & { readonly healed: number }

/** Waits until nothing is lost, stale or open any more. False when patience is at its end, or when nothing can mend it. */
export async function settle(judge: Judge, { healed, patienceMs, say, isEnough }: Waiting): Promise<boolean> {
  for (let told = 0; ; ) {
    const began = performance.now()
    const { verdict, open } = await judge()
    const { lost, stale, doubled } = verdict
    if (lost + stale + open === 0) return true
    const waited = performance.now() - healed
    if (waited > patienceMs || doubled > 0 || isEnough(verdict.findings)) return false
    if (waited - told > 10_000) {
      told = waited
      say(`Not at rest yet: ${lost} lost, ${stale} stale, ${open} open`)
    }
    // Judging takes its share of the machine: most of it belongs to those who are judged.
    await sleep(Math.max(500, 5 * (performance.now() - began)))
  }
}

export type Counts = Omit<Outcome, 'campaign' | 'seed' | 'seconds' | 'ok'>

/**
 * All invariants hold, every accepted quote is an order, only those wait for a person that must, and it was truly put to
 * the test.
 */
export function isGood(campaign: Campaign, counts: Counts, isShort: boolean): boolean {
  const { restedAfterSeconds, accepted, asked, doubtful, succeeded, journeys, strikes, echo, ...rest } = counts
  return (
    restedAfterSeconds !== null &&
    rest.lost + rest.doubled + rest.stale + rest.open + rest.phantom + rest.crashes + rest.excess === 0 &&
    accepted > 0 &&
    asked === doubtful &&
    succeeded + asked === accepted &&
    journeys === accepted &&
    strikes >= sizeOf(campaign.leastStrikes ?? { full: 0, short: 0 }, isShort) &&
    (echo === 0 || campaign.withoutEcho !== true)
  )
}
