// The campaigns: what each one breaks, for how long, and how the quotes come meanwhile.
import { setTimeout as sleep } from 'node:timers/promises'
import { between } from '../test/support/random.ts'
import { cutAnswers, endSessions, reachLimits, refuseSessions, showMaintenance } from './api-troubles.ts'
import type { Field, Sized, Struck } from './field.ts'

export type Campaign = {
  readonly name: string
  readonly says: string
  readonly workers: number
  readonly quotes: Sized<number>
  /** Over how long the quotes are accepted, in milliseconds; 0 is as fast as Salesforce takes them. */
  readonly spreadMs: Sized<number>
  /** The share of quotes that is edited at the very moment of its acceptance. */
  readonly editedShare: number
  /** Whether customers are renamed in Salesforce all the while, which the ERP must follow. */
  readonly renames?: boolean
  /** One quote in so many must wait for the credit desk. */
  readonly doubtfulOneIn?: number
  /** Quotes accepted before the engine ever starts: they are history and must start nothing. */
  readonly historic?: Sized<number>
  /** No write of ours may change nothing: asked where no fault makes a write be repeated. */
  readonly withoutEcho?: boolean
  /** Breaks things while the quotes come; when it ends, everything is healed. */
  strike?(field: Field): Promise<Struck>
  /** How often it must have struck to count: a campaign that broke nothing proves nothing. */
  readonly leastStrikes?: Sized<number>
  /** How often what only time can heal is tried; the connectors' own minute when absent. */
  readonly probeEveryMs?: Sized<number>
  /** In the tests it shares its world with the others of its kind. */
  readonly sharesItsWorld?: boolean
}

const orderCreates = 'POST .*/A_SalesOrder$'
const salesforceWrites = 'POST .*/composite/graph$|PATCH .*/composite/sobjects/[A-Z]'
/** An ERP as slow as real ones, so that there is always a call under way to be caught in. */
const slow = { latency: { ms: 150, jitterMs: 150, match: orderCreates } }

export const campaigns: readonly Campaign[] = [
  {
    name: 'burst',
    says: 'no fault: quotes accepted as fast as Salesforce takes them, some of which must wait for the credit desk',
    workers: 2,
    quotes: { full: 2_000, short: 120 },
    spreadMs: { full: 0, short: 0 },
    editedShare: 0.2,
    doubtfulOneIn: 50,
    withoutEcho: true,
  },
  {
    name: 'load',
    says: 'no fault: quotes accepted before the first start are history and start nothing; later ones do',
    workers: 2,
    quotes: { full: 200, short: 20 },
    historic: { full: 500, short: 500 },
    spreadMs: { full: 0, short: 0 },
    editedShare: 0,
    withoutEcho: true,
  },
  {
    name: 'kill',
    says: '(a) one of two workers killed with -9 every few seconds',
    workers: 2,
    quotes: { full: 2_000, short: 100 },
    spreadMs: { full: 180_000, short: 7_000 },
    editedShare: 0.2,
    leastStrikes: { full: 15, short: 2 },
    strike: killWorkers,
  },
  {
    name: 'database',
    says: '(b) PostgreSQL killed with -9 and restarted, three times',
    workers: 2,
    quotes: { full: 2_000, short: 100 },
    spreadMs: { full: 90_000, short: 7_000 },
    editedShare: 0.2,
    leastStrikes: { full: 3, short: 3 },
    strike: killDatabase,
  },
  {
    name: 'lost-replies',
    says: '(c) the ERP and Salesforce commit and drop the reply, and commit seconds after they dropped the connection',
    workers: 2,
    quotes: { full: 2_000, short: 100 },
    spreadMs: { full: 80_000, short: 3_000 },
    editedShare: 0.2,
    leastStrikes: { full: 250, short: 12 },
    strike: loseReplies,
  },
  {
    name: 'events',
    says: '(d) change events duplicated and reordered, streams cut, lines edited twice in the moment of acceptance, customers renamed',
    workers: 2,
    quotes: { full: 2_000, short: 100 },
    spreadMs: { full: 90_000, short: 4_000 },
    editedShare: 1,
    renames: true,
    withoutEcho: true,
    leastStrikes: { full: 2_000, short: 100 },
    strike: disturbEvents,
  },
  {
    name: 'freeze',
    says: '(e) a worker frozen past its lease (SIGSTOP) while another takes over, then thawed',
    workers: 2,
    quotes: { full: 2_000, short: 100 },
    spreadMs: { full: 120_000, short: 6_000 },
    editedShare: 0.2,
    leastStrikes: { full: 5, short: 1 },
    strike: freezeWorkers,
  },
  {
    name: 'erp-down',
    says: '(f) the ERP answers 503 for a minute',
    workers: 2,
    quotes: { full: 2_000, short: 100 },
    spreadMs: { full: 100_000, short: 5_000 },
    editedShare: 0.2,
    leastStrikes: { full: 6, short: 2 },
    strike: takeErpDown,
  },
  {
    name: 'session',
    says: '(g) sessions of Salesforce end all the time, for one call and for all at once, event streams included',
    workers: 2,
    quotes: { full: 2_000, short: 40 },
    spreadMs: { full: 90_000, short: 4_000 },
    editedShare: 0.2,
    leastStrikes: { full: 60, short: 4 },
    strike: endSessions,
    sharesItsWorld: true,
  },
  {
    name: 'refused',
    says: '(h) Salesforce accepts every login and refuses every session for a minute',
    workers: 2,
    quotes: { full: 2_000, short: 40 },
    spreadMs: { full: 90_000, short: 8_000 },
    editedShare: 0.2,
    leastStrikes: { full: 4, short: 2 },
    probeEveryMs: { full: 60_000, short: 3_000 },
    strike: refuseSessions,
    sharesItsWorld: true,
  },
  {
    name: 'limits',
    says: "(i) Salesforce's daily limit is reached for a minute and a half, then too many calls at once are refused in a burst",
    workers: 2,
    quotes: { full: 2_000, short: 60 },
    spreadMs: { full: 110_000, short: 13_000 },
    editedShare: 0.2,
    leastStrikes: { full: 3, short: 3 },
    probeEveryMs: { full: 60_000, short: 3_000 },
    strike: reachLimits,
    sharesItsWorld: true,
  },
  {
    name: 'maintenance',
    says: '(j) both systems answer every call with 200 and a page that speaks of maintenance',
    workers: 2,
    quotes: { full: 2_000, short: 40 },
    spreadMs: { full: 90_000, short: 5_000 },
    editedShare: 0.2,
    leastStrikes: { full: 10, short: 3 },
    strike: showMaintenance,
    sharesItsWorld: true,
  },
  {
    name: 'truncated',
    says: '(k) answers of both systems end in the middle, to reads and to writes that were carried out',
    workers: 2,
    quotes: { full: 2_000, short: 60 },
    spreadMs: { full: 90_000, short: 4_000 },
    editedShare: 0.2,
    leastStrikes: { full: 200, short: 10 },
    strike: cutAnswers,
    sharesItsWorld: true,
  },
]

/** Several campaigns one after the other in one world, each with its quotes and its strikes; as many as each demands. */
export function together(some: readonly Campaign[]): Campaign {
  const sum = (of: (campaign: Campaign) => Sized<number> | undefined): Sized<number> => ({
    full: some.reduce((all, one) => all + (of(one)?.full ?? 0), 0),
    short: some.reduce((all, one) => all + (of(one)?.short ?? 0), 0),
  })
  const probed = some.find(one => one.probeEveryMs)?.probeEveryMs
  return {
    name: some.map(one => one.name).join(', '),
    says: 'one after the other in one world',
    workers: 2,
    quotes: sum(one => one.quotes),
    spreadMs: sum(one => one.spreadMs),
    editedShare: 0.2,
    ...(probed && { probeEveryMs: probed }),
    async strike(field) {
      let endsAt = performance.now()
      const all: Struck[] = []
      for (const { name, strike, spreadMs, leastStrikes } of some) {
        endsAt = Math.max(endsAt, performance.now()) + (field.isShort ? spreadMs.short : spreadMs.full)
        const least = (field.isShort ? leastStrikes?.short : leastStrikes?.full) ?? 0
        const struck = (await strike?.({ ...field, least, isBusy: () => performance.now() < endsAt })) ?? { strikes: 0 }
        const tooFew = struck.strikes < least ? [`${name} struck ${struck.strikes} times; ${least} are needed`] : []
        field.say(`${name} struck ${struck.strikes} times`)
        all.push({ strikes: struck.strikes, excess: [...(struck.excess ?? []), ...tooFew] })
      }
      return { strikes: all.reduce((sum, one) => sum + one.strikes, 0), excess: all.flatMap(one => one.excess ?? []) }
    },
  }
}

async function killWorkers({ world, random, isShort, isBusy, say }: Field): Promise<Struck> {
  await world.s4.misbehave(slow)
  let kills = 0
  while (isBusy()) {
    await sleep(isShort ? between(random, 2_000, 4_000) : between(random, 3_000, 7_000))
    const worker = world.workers.next()
    worker.signal('SIGKILL')
    await worker.gone
    kills++
    say(`Killed ${worker.name}`)
  }
  await world.s4.misbehave()
  return { strikes: kills }
}

async function killDatabase({ world, random, isShort, say }: Field): Promise<Struck> {
  await world.s4.misbehave(slow)
  for (let times = 0; times < 3; times++) {
    await sleep(isShort ? between(random, 1_200, 2_000) : between(random, 12_000, 20_000))
    const awayMs = await world.database.killAndRestart(between(random, 200, isShort ? 1_000 : 5_000))
    say(`Killed PostgreSQL; it was away for ${Math.round(awayMs)} ms`)
  }
  await world.s4.misbehave()
  return { strikes: 3 }
}

async function loseReplies({ world, seed, isBusy }: Field): Promise<Struck> {
  await world.s4.misbehave({
    seed,
    commitThenDrop: { rate: 0.1, match: orderCreates },
    dropThenCommit: { rate: 0.06, delayMs: 2_500, match: orderCreates },
  })
  await world.salesforce.misbehave({
    seed,
    commitThenDrop: { rate: 0.2, match: salesforceWrites },
    dropThenCommit: { rate: 0.1, delayMs: 2_500, match: salesforceWrites },
  })
  while (isBusy()) await sleep(100)
  // What was accepted last is on its way still.
  await sleep(4_000)
  const strikes = await world.salesforce.misbehave()
  return { strikes: strikes + (await world.s4.misbehave()) }
}

async function disturbEvents({ world, seed, isBusy }: Field): Promise<Struck> {
  await world.salesforce.misbehave({
    seed,
    events: { duplicateRate: 0.3, reorderRate: 0.3, reorderWindow: 10 },
    pubsub: { disconnectRate: 0.01 },
  })
  while (isBusy()) await sleep(100)
  await sleep(2_000)
  return { strikes: await world.salesforce.misbehave() }
}

async function freezeWorkers({ world, isShort, isBusy, say }: Field): Promise<Struck> {
  // So slow that writes queue before the lane: whoever is frozen has some that are begun and not sent.
  await world.s4.misbehave({ latency: { ms: 1_500, jitterMs: 500, match: orderCreates } })
  await sleep(2_500)
  let times = 0
  do {
    const worker = world.workers.next()
    worker.signal('SIGSTOP')
    say(`Froze ${worker.name}`)
    // Longer than the lease, and than others wait for an attempt in doubt before they send again.
    await sleep(isShort ? 12_500 : 15_000)
    worker.signal('SIGCONT')
    say(`Thawed ${worker.name}`)
    times++
    await sleep(2_000)
  } while (isBusy())
  await world.s4.misbehave()
  return { strikes: times }
}

async function takeErpDown({ world, isShort }: Field): Promise<Struck> {
  await sleep(1_000)
  const forMs = isShort ? 4_000 : 60_000
  await world.s4.misbehave({ unavailable: { rate: 1, forMs } })
  await sleep(forMs)
  return { strikes: await world.s4.misbehave() }
}
