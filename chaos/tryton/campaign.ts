// Orders in a real Tryton while its server is killed, answers get lost and workers are killed. What became of them is asked of
// Tryton's own database.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Random, randomOf } from '../../test/support/random.ts'
import {
  acceptAll,
  healMs,
  isGood,
  type Judge,
  type Outcome,
  type RunOptions,
  secondsSince,
  settle,
  sizeOf,
} from '../campaign.ts'
import type { Campaign } from '../campaigns.ts'
import { check, checkpointsDue } from '../check.ts'
import type { Sized } from '../field.ts'
import { Journal } from '../journal.ts'
import { unfinished } from '../open.ts'
import { openTraffic } from '../traffic.ts'
import { booksOf } from './books.ts'
import { market } from './market.ts'
import { openTrytonWorld, type TrytonWorld } from './world.ts'

export const trytonCampaign: Campaign = {
  name: 'tryton',
  says: "a real Tryton (Debian's packages): its server killed, answers lost, workers killed with -9",
  workers: 2,
  quotes: { full: 500, short: 25 },
  spreadMs: { full: 180_000, short: 0 },
  editedShare: 0,
  doubtfulOneIn: 25,
  leastStrikes: { full: 60, short: 4 },
}

type TrytonOutcome = Outcome & {
  /** Orders that Tryton processed in a second, from the first acceptance until the faults were over. */
  readonly perSecond: number
}
type Options = Pick<RunOptions, 'seed' | 'isShort' | 'quotes' | 'keep' | 'say'>

/** Who is killed, one after the other, at even distances of the orders' way: the server stays away for a while. */
const blows: Sized<readonly ('worker' | 'server')[]> = {
  full: Array.from({ length: 15 }, (_, n) => (n % 5 === 2 ? 'server' : 'worker')),
  short: ['worker', 'server', 'worker'],
}
const awayMs: Sized<number> = { full: 5_000, short: 1_000 }
const faults = { dropped: 0.06, afterwards: 0.02, late: 0.02 }
/** So many of the orders are processed under faults; the others are when all is healed. */
const underFaults = 0.95
/** Faults end at the latest after so long for each order. */
const patienceForEachMs = 4_000
/** A short run says less than the connector, which gives a call 30 s: no call to a Tryton with so few orders takes longer. */
const shortestCallMs = 10_000
const watchMs = 3_000

export async function runTrytonCampaign(options: Options): Promise<TrytonOutcome> {
  const { seed, isShort, keep = false, say } = options
  const began = performance.now()
  const world = await openTrytonWorld({ seed, keep, ...(isShort && { longestCallMs: shortestCallMs }) })
  if (keep) say(`Everything is kept in ${world.folder}`)
  const closeNow = async (): Promise<void> => {
    await world.close()
    process.exit(130)
  }
  process.once('SIGINT', closeNow).once('SIGTERM', closeNow)
  try {
    const { accepted, doubtful, strikes, perSecond } = await happen(world, options)
    const healed = performance.now()
    const judge = judgeIn(world, accepted)
    const isHealed = await settle(judge, { healed, patienceMs: healMs, say, isEnough: () => false })
    const restedAfterSeconds = secondsSince(healed)
    await work(world, randomOf(seed, 'people'))
    const hasFollowed = await settle(judge, {
      healed: performance.now(),
      patienceMs: healMs,
      say,
      isEnough: () => false,
    })
    await sleep(watchMs)
    const { verdict, findings, ...rest } = await judge()
    // Where answers are lost, a write that is repeated and changes nothing is as it should be.
    for (const finding of [...verdict.findings, ...findings]) if (!finding.startsWith('echo')) say(finding)
    for (const words of world.workers.crashes) say(`Nobody killed it: ${words}`)
    const { findings: _, ...counts } = verdict
    const outcome = {
      restedAfterSeconds: isHealed && hasFollowed ? restedAfterSeconds : null,
      ...{ strikes, crashes: world.workers.crashes.length, doubtful, ...rest, ...counts, excess: 0 },
    }
    const ok = isGood(trytonCampaign, outcome, isShort)
    return { campaign: trytonCampaign.name, seed, seconds: secondsSince(began), perSecond, ...outcome, ok }
  } finally {
    process.off('SIGINT', closeNow).off('SIGTERM', closeNow)
    await world.close()
  }
}

async function happen(world: TrytonWorld, { seed, isShort, quotes, say }: Options) {
  const traffic = await openTraffic(world.salesforce.url, seed, market)
  await world.workers.start(trytonCampaign.workers)
  const drafts = await traffic.draft(quotes ?? sizeOf(trytonCampaign.quotes, isShort), trytonCampaign.doubtfulOneIn)
  say(`${drafts.length} quotes are in drafts`)
  const wanted = drafts.filter(({ isDoubtful }) => !isDoubtful).length
  const accepted = new Set<string>()
  const began = performance.now()
  world.proxy.misbehave(faults)
  const [killed] = await Promise.all([
    kill(world, { wanted, isShort, say }),
    acceptAll(trytonCampaign, traffic, drafts, sizeOf(trytonCampaign.spreadMs, isShort), accepted),
  ])
  const { dropped, afterwards, late } = world.proxy.misbehave()
  const done = await processed(world)
  const perSecond = Math.round((done * 100_000) / (performance.now() - began)) / 100
  say(`${accepted.size} quotes are accepted, ${done} orders are processed, ${perSecond} a second; all is healed`)
  say(`Killed: the server ${killed.servers} times, workers ${killed.workers}; answers lost: ${dropped}, late: ${late}`)
  say(`Calls cut off, and carried out afterwards: ${afterwards}`)
  const strikes = killed.servers + killed.workers + dropped + afterwards + late
  const doubtful = drafts.filter(({ id, isDoubtful }) => isDoubtful && accepted.has(id)).length
  return { accepted, doubtful, strikes, perSecond }
}

type Killing = Pick<Options, 'isShort' | 'say'> & { readonly wanted: number }

/** Strikes until nearly all orders are processed. */
async function kill({ tryton, workers }: TrytonWorld, { wanted, isShort, say }: Killing) {
  const killed = { servers: 0, workers: 0 }
  const all = sizeOf(blows, isShort)
  const late = performance.now() + wanted * patienceForEachMs
  for (let struck = 0; ; await sleep(250)) {
    const done = await processed({ tryton })
    if (done >= wanted * underFaults || performance.now() > late) return killed
    const next = all[struck]
    if (!next || done < (wanted * (struck + 1)) / (all.length + 1)) continue
    struck++
    if (next === 'server') {
      await tryton.kill()
      killed.servers++
      say(`Killed Tryton's server, ${done} orders being processed`)
      await sleep(sizeOf(awayMs, isShort))
      await tryton.start()
    } else {
      const worker = workers.next()
      worker.signal('SIGKILL')
      await worker.gone
      killed.workers++
      say(`Killed ${worker.name}, ${done} orders being processed`)
    }
  }
}

async function processed({ tryton }: Pick<TrytonWorld, 'tryton'>): Promise<number> {
  const [row] = await tryton.sql<{ n: number }>(
    "select count(*)::int as n from sale_sale where reference is not null and state in ('processing', 'done')",
  )
  return row?.n ?? 0
}

/** People ship and invoice some of the orders, and are paid for most of them, some in parts: that comes back too. */
async function work({ tryton: { sql, people } }: TrytonWorld, random: Random): Promise<void> {
  const sales = await sql<{ id: number }>(
    "select id from sale_sale where reference is not null and state = 'processing' order by id",
  )
  const share = Math.min(0.5, 20 / Math.max(1, sales.length))
  for (const { id } of sales) {
    if (random() >= share) continue
    await people.ship(String(id))
    const invoices = random() < 0.8 ? await people.invoice(String(id)) : []
    for (const invoice of invoices) {
      if (random() < 0.5) await people.pay(invoice, '1.00')
      if (random() < 0.7) await people.pay(invoice)
    }
  }
}

function judgeIn({ salesforce, tryton, database }: TrytonWorld, accepted: ReadonlySet<string>): Judge {
  const journal = new Journal(salesforce.url)
  return async () => {
    await journal.readOn()
    const books = await booksOf(tryton)
    const { asked, ...rest } = await unfinished(database.url, checkpointsDue(books))
    const verdict = check({ accepted, asked, salesforce: journal.entries, s4: books })
    return { verdict, ...rest, asked: asked.size }
  }
}
