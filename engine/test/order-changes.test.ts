// What may be changed of an order after it was booked: every change at every stage, made by people in Salesforce and in the ERP.
// docs/order-changes.md shows what came of it; `npm test -- engine/test/order-changes.test.ts -u` writes it anew.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DisputePage, JourneyPage, Problems, Tasks } from '../src/index.ts'
import {
  type Bench,
  CHANGES,
  inTurns,
  type Place,
  type Shown,
  STAGES,
  type Stage,
  startBench,
} from './order-changes.ts'
import { pageOf } from './order-changes-page.ts'
import { startWorld, until, type World } from './world.ts'

const applied = 'applied'
const asked = 'applied, once the order desk says yes'
const complete = 'refused: Sales order … is complete and cannot be changed'
const delivered = 'refused: Sales order … is completely delivered, its items cannot be changed'
const partlySent = 'refused: Item 10 cannot be deleted, a delivery exists'
const sent = 'refused: Sales order …: a delivery exists, its ship-to party cannot be changed'
const noDate = 'refused: Sales order … is completely delivered, its date cannot be changed'
const noBlock = 'refused: Sales order … is completely delivered, nothing is left to block'
const nothingLeft = 'refused: a SalesOrder that is delivered or cancelled to the last item has nothing left to cancel'
const settled = 'refused: the ERP owns it as the record stands'
const notHeld = 'nothing to change'

/** What is to come of each change that a salesperson makes, stage by stage: booked, on hold, partly shipped, shipped, invoiced, paid, cancelled. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'add a line': [asked, asked, asked, delivered, complete, complete, complete],
  'remove a line': [asked, asked, partlySent, partlySent, complete, complete, complete],
  'quantity up': [applied, applied, applied, delivered, complete, complete, complete],
  'quantity down': [applied, applied, applied, delivered, complete, complete, complete],
  price: [asked, asked, asked, asked, complete, complete, complete],
  'requested date': [asked, asked, asked, noDate, complete, complete, complete],
  'delivery address': [applied, applied, sent, sent, complete, complete, complete],
  hold: [applied, applied, applied, noBlock, complete, complete, complete],
  release: [notHeld, applied, applied, notHeld, notHeld, notHeld, complete],
  'cancel a line': [applied, applied, applied, delivered, complete, complete, complete],
  'cancel the order': [applied, applied, applied, nothingLeft, nothingLeft, nothingLeft, nothingLeft],
  'payment terms': [asked, asked, asked, asked, complete, complete, complete],
  reference: [applied, applied, applied, applied, settled, settled, settled],
}

type Where = Stage | 'booked, answers lost' | 'entered in the ERP'
type Cell = { readonly change: string; readonly where: Where; readonly order: Place; readonly expected: string }
type Result = Cell & {
  readonly outcome: string
  readonly before: Shown
  readonly sales: Shown
  readonly erp: Shown
  readonly disputes: DisputePage['disputes']
  readonly writes: { readonly sales: number; readonly erp: number }
}

let world: World
let bench: Bench
let results: readonly Result[]

beforeAll(async () => {
  world = await startWorld({
    // A real S/4HANA is given half a minute to carry out what it did not answer.
    before: async () => {
      const { default: example } = await import('@plumbline/example-quote-to-cash')
      for (const { connector } of example.systems) Object.assign(connector.limits, { longestCallMs: 3_000 })
    },
  })
  bench = await startBench(world)
  const cells = await cellsOf()
  await inTurns(cells, ({ where, change, order }) => bench.reach(stageOf(where), change, order))
  const before = await inBoth(cells)
  await everythingHeard({ hold: '01', reference: 'the first' })
  const wrote = await bench.writes()
  await world.faultsOf(world.s4, { commitThenDrop: { rate: 1, match: answersOf(cells, 'booked, answers lost') } })
  await inTurns(cells, async ({ where, change, order }) => {
    const how = CHANGES[change]
    await (where === 'entered in the ERP' ? how?.inErp(bench, order) : how?.inSales(bench, order))
  })
  await until(() => saidAndAnswered(cells, before), 60_000).catch(() => 'the table shows what is missing')
  await world.faultsOf(world.s4, undefined)
  await everythingHeard({ hold: '04', reference: 'the last' })
  const counted = await bench.writes()
  results = (await resultsOf(cells, before)).map(one => ({
    ...one,
    writes: {
      sales: (counted.sales.get(one.order.id) ?? 0) - (wrote.sales.get(one.order.id) ?? 0),
      erp: (counted.erp.get(one.order.number) ?? 0) - (wrote.erp.get(one.order.number) ?? 0),
    },
  }))
}, 240_000)
afterAll(() => world?.close())

const stageOf = (where: Where): Stage => STAGES.find(stage => stage === where) ?? 'booked'

async function cellsOf(): Promise<Cell[]> {
  const inSales = Object.entries(EXPECTED).flatMap(([change, outcomes]) =>
    [...STAGES, 'booked, answers lost' as const].map((where, at) => ({
      change,
      where,
      expected: outcomes[at % STAGES.length] ?? '',
    })),
  )
  const inErp = Object.keys(CHANGES).map(change => ({
    change,
    where: 'entered in the ERP' as const,
    expected: change === 'release' ? notHeld : change === 'reference' ? 'put right' : applied,
  }))
  const wanted = [...inSales, ...inErp]
  const orders = await bench.orders(wanted.length + 1)
  spare = orders.at(-1) as Place
  return wanted.map((one, at) => ({ ...one, order: orders[at] as Place }))
}
/** An order that nobody changes until everything else is over. */
let spare: Place

/** Calls to the ERP that change these orders. A changeset names no order. */
function answersOf(cells: readonly Cell[], where: Where): string {
  const numbers = cells.filter(cell => cell.where === where).map(cell => cell.order.number)
  return `(PATCH|POST|DELETE) .*((A_SalesOrder\\(|SalesOrder=)'(${numbers.join('|')})'|\\$batch)`
}

/** All orders as they stand, once both systems show them alike. */
const inBoth = (cells: readonly Cell[]): Promise<ReadonlyMap<string, Shown>> =>
  until(async () => {
    const [sales, erp] = [await bench.inSales(), await bench.inErp()]
    const isAlike = ({ order }: Cell): boolean => same(sales.get(order.id), erp.get(order.number))
    return cells.every(isAlike) && erp
  }, 60_000)

const plain = ({ note: _, ...shown }: Shown & { note?: string }): Shown => shown
const same = (a: (Shown & { note?: string }) | undefined, b: Shown | undefined): boolean =>
  a !== undefined && b !== undefined && JSON.stringify(plain(a)) === JSON.stringify(b)

/** The order desk says yes to everything, as long as something is asked; until each change has come to its end. */
async function saidAndAnswered(cells: readonly Cell[], before: ReadonlyMap<string, Shown>): Promise<boolean> {
  const { tasks } = await world.get<Tasks>('/api/tasks?desk=order%20desk')
  await inTurns(tasks, task => world.post(`/api/tasks/${task.task}/answer`, { answer: 'apply', by: 'Ada' }))
  return tasks.length === 0 && (await resultsOf(cells, before)).every(one => one.outcome === one.expected)
}

/** What was told of an order that is changed last comes last: whatever came before it, echoes too, was heard before. */
async function everythingHeard({
  hold,
  reference,
}: {
  readonly hold: string
  readonly reference: string
}): Promise<void> {
  await bench.quiet()
  await bench.erp('PATCH', `A_SalesOrder('${spare.number}')`, { DeliveryBlockReason: hold })
  await until(async () => (await bench.inSales()).get(spare.id)?.hold === hold)
  await bench.sales('Order', { Id: spare.id, PoNumber: reference })
  await until(async () => (await bench.inErp()).get(spare.number)?.reference === reference)
  await bench.quiet()
}

async function resultsOf(
  cells: readonly Cell[],
  before: ReadonlyMap<string, Shown>,
): Promise<Omit<Result, 'writes'>[]> {
  const [sales, erp] = [await bench.inSales(), await bench.inErp()]
  const disputes = Map.groupBy(await bench.disputes(), one => one.title)
  return cells.map(cell => {
    const shown = sales.get(cell.order.id)
    const result = {
      ...cell,
      before: before.get(cell.order.number) as Shown,
      sales: plain(shown as Shown),
      erp: erp.get(cell.order.number) as Shown,
      disputes: disputes.get(`Order ${cell.order.number}`) ?? [],
    }
    return { ...result, outcome: outcomeOf(result, shown?.note ?? '') }
  })
}

/** What came of a change, in a word or in the words that Salesforce says on the order. */
function outcomeOf(
  { change, where, before, sales, erp, disputes }: Omit<Result, 'writes' | 'outcome'>,
  note: string,
): string {
  if (!same(sales, erp)) return `Salesforce and the ERP differ: ${JSON.stringify([sales, erp])}`
  if (same(CHANGES[change]?.done(before), erp) && !same(before, erp)) {
    if (note !== '') return `applied, and yet it says: ${note}`
    return disputes.some(one => one.decidedBy === 'Ada') ? asked : applied
  }
  if (!same(before, erp)) return `something else: ${JSON.stringify([before, erp])}`
  if (where === 'entered in the ERP' && disputes.length > 0) return 'put right'
  return note === '' ? notHeld : `refused: ${reasonIn(note).replace(/\border \d+/, 'order …')}`
}

/** Of what Salesforce says only why: what was wanted, of which order and by whom, stands before it. */
const reasonIn = (note: string): string =>
  /: S\/4HANA(?:, \w+)?: (.+?)(?: \(\w+\/\d+\))?\.$/.exec(note)?.[1] ??
  /^Not taken: .* UTC\): (.*)\.$/.exec(note)?.[1] ??
  note

const at = (where: Where): Readonly<Record<string, string>> =>
  Object.fromEntries(results.filter(one => one.where === where).map(one => [one.change, one.outcome]))

describe('a change that a salesperson makes to an order', () => {
  test.each(STAGES.map((stage, at) => ({ stage, at })))(
    'that is $stage is taken, or refused with a reason',
    ({ stage, at: column }) => {
      expect(at(stage)).toEqual(
        Object.fromEntries(Object.entries(EXPECTED).map(([change, outcomes]) => [change, outcomes[column]])),
      )
    },
  )

  test('is written to the ERP once when it is taken, and never when it is not, and nothing comes back as an echo', () => {
    const inSales = results.filter(one => one.where !== 'entered in the ERP')
    const wrong = inSales.filter(
      ({ outcome, writes }) => writes.erp !== (isTaken(outcome) ? 1 : 0) || writes.sales > mostWrites(outcome),
    )
    expect(wrong.map(({ change, where, outcome, writes }) => ({ change, where, outcome, writes }))).toEqual([])
  })

  test('is kept with who made it and what became of it, unless sales owns what it changes', () => {
    const kept = results
      .filter(one => one.where !== 'entered in the ERP')
      .map(({ change, where, outcome, disputes }) => {
        const became = disputes.map(one => one.became)
        return {
          change,
          where,
          became,
          isTold: disputes.every(one => one.by !== null),
          expected: becomes(change, outcome),
        }
      })
    expect(kept.filter(one => !one.isTold || one.became.join() !== one.expected)).toEqual([])
  })

  test('is refused in words that a salesperson understands: other records are called by their names', async () => {
    const orders = await bench.inSales()
    const note = (change: string, where: Where): string =>
      orders.get(results.find(one => one.change === change && one.where === where)?.order.id ?? '')?.note ?? ''
    expect(note('delivery address', 'shipped')).toMatch(
      /^Not possible: ship to Customer Buyer 10100002 instead of Customer Buyer 10100001 on Order \d+: S\/4HANA, /,
    )
    expect(note('add a line', 'shipped')).toMatch(
      /^Not possible: Order \d+ with a line more \(.*product Product TG12.*quantity 1.*\): S\/4HANA, /,
    )
    expect(note('remove a line', 'shipped')).toMatch(/^Not possible: Order \d+ without line \d: S\/4HANA, /)
  })

  test('is the same when the ERP does it and its answer is lost', () => {
    expect(at('booked, answers lost')).toEqual(at('booked'))
  })
})

const isTaken = (outcome: string): boolean => outcome.startsWith(applied)
/** Salesforce is written at most: what the desk is asked is put right first; totals and lines follow what the ERP makes of a change. */
const mostWrites = (outcome: string): number =>
  outcome === notHeld ? 0 : outcome === asked ? 3 : outcome === applied ? 2 : 3
function becomes(change: string, outcome: string): string {
  if (outcome === notHeld || (change === 'reference' && outcome === applied)) return ''
  if (outcome === settled) return 'refused'
  return isTaken(outcome) ? 'applied' : 'refused there'
}

test('a change that is entered in the ERP stands in Salesforce, where the ERP owns it, and is never written back', () => {
  const entered = results.filter(one => one.where === 'entered in the ERP')
  expect(
    entered.filter(one => one.outcome !== one.expected).map(({ change, outcome }) => ({ change, outcome })),
  ).toEqual([])
  const wrong = entered.filter(({ change, writes }) => writes.erp !== (change === 'reference' ? 1 : 0))
  expect(wrong.map(({ change, writes }) => ({ change, writes }))).toEqual([])
})

test('the journey of an order that was cancelled stops, and says so', async () => {
  const quote = results.find(one => one.where === 'cancelled' && one.change === 'hold')?.before.reference
  const { journeys } = await world.get<JourneyPage>(`/api/journeys?search=${quote}`)
  expect(journeys).toMatchObject([{ state: 'stopped', reason: 'The order was cancelled' }])
})

test('nothing is left for people to mend', async () => {
  expect((await world.get<Problems>('/api/problems')).problems).toEqual([])
  expect((await world.get<Tasks>('/api/tasks')).tasks).toEqual([])
})

test('the page about it shows these very results', async () => {
  await expect(pageOf(STAGES, at, at('entered in the ERP'))).toMatchFileSnapshot('../../docs/order-changes.md')
})
