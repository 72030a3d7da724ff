// Lines of an order that two systems edit: whatever order the edits are heard and written in, both end with the same lines, none
// of them lost or there twice, and each field as its owner last said it.
import {
  connector,
  contract,
  count,
  id,
  line,
  linesOf,
  listOf,
  mapping,
  type Native,
  objectOf,
  stages,
  text,
} from '@plumbline/sdk'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { disputesIn, isAddedLine } from '../src/decide/disputes.ts'
import { isShownAs, type Line, linesGone } from '../src/decide/lines.ts'
import { merge } from '../src/decide/merge.ts'
import { afterWrite, isEmpty, linesHeld, type Patch, patchOf } from '../src/deliver/patch.ts'
import { extrasIn } from '../src/kernel/line-keys.ts'
import { ownerOf } from '../src/kernel/plan.ts'
import { toContract, toNative } from '../src/translate/native.ts'

const untilBooked = { until: 'booked', then: 'erp', later: 'change request' } as const
const Order = contract('order', {
  status: stages('Status', 'open', 'booked').ownedBy('erp'),
  lines: linesOf(
    'Lines',
    { keyedBy: 'line', standBy: 'product', extras: 'erp' },
    {
      product: text('Product').ownedBy('crm', untilBooked),
      quantity: count('Quantity').ownedBy('crm', untilBooked),
      note: text('Note').ownedBy('crm'),
      shipped: count('Shipped').ownedBy('erp'),
      splitFrom: line('Split from').ownedBy('erp'),
    },
  ),
})
const items = listOf('Items', {
  Id: id(),
  Key: text('Key'),
  Product: text('Product'),
  Quantity: count('Quantity'),
  Note: text('Note'),
  Shipped: count('Shipped'),
  Higher: text('Higher-level item'),
})
const system = connector(
  'any',
  { settings: {}, connect: () => ({}), test: async () => true, clock: async () => '' },
  { concurrency: 1, longestCallMs: 1 },
).object('Order', { fields: { Id: id(), Status: text('Status'), Items: items } })
const mapped = mapping(Order, objectOf(system, 'Order'), {
  status: { field: 'Status', values: { open: 'open', booked: 'booked' } },
  lines: {
    each: 'Items',
    id: 'Id',
    key: 'Key',
    fields: { product: 'Product', quantity: 'Quantity', note: 'Note', shipped: 'Shipped', splitFrom: 'Higher' },
  },
})
const noVocabulary = { read: () => undefined, write: () => undefined, rate: () => undefined }

type Name = 'crm' | 'erp'
type Fields = Readonly<Record<string, unknown>>
type Place = { entries: Native[]; status: string; held: Native; away: Set<string>; next: number; writes: number }
const fieldNames = ['Product', 'Quantity', 'Note', 'Shipped'] as const
type FieldName = (typeof fieldNames)[number]

/** Two systems with one order, and what is known of it in between. */
class Pair {
  record: Fields
  readonly places: Readonly<Record<Name, Place>>
  /** What must stand in the end, line by line, as the owners said it. */
  readonly expected = new Map<string, Record<string, unknown>>()
  readonly told: string[] = []

  constructor(status: string) {
    const entries = ['a', 'b', 'c'].map((Key, at) => ({ Key, Product: `P${at}`, Quantity: 10, Note: '', Shipped: 0 }))
    const place = (offset: number): Place => {
      const own = entries.map((entry, at) => ({ ...entry, Id: String(offset + at * 10), Higher: null }))
      return { entries: own, status, held: { Status: status, Items: own }, away: new Set(), next: 60, writes: 0 }
    }
    this.places = { crm: place(10), erp: place(10) }
    this.record = this.#read('crm', this.places.crm.held)
    for (const one of this.lines()) this.expected.set(one.line, { ...one })
  }

  lines = (): readonly Line[] => this.record.lines as readonly Line[]
  #native = (name: Name): Native => ({ Status: this.places[name].status, Items: this.places[name].entries })
  #read = (name: Name, native: Native) =>
    toContract(mapped, Order, { name, role: name }, native, () => undefined, noVocabulary)
  shown = (name: Name): readonly Line[] => this.#read(name, this.#native(name)).lines as readonly Line[]

  add(name: Name, quantity: number): void {
    const place = this.places[name]
    const entry = { Id: String(place.next++), Key: '', Product: 'X', Quantity: quantity, Note: '', Shipped: 0 }
    place.entries = [...place.entries, { ...entry, Higher: null }]
  }
  remove(name: Name, at: number): void {
    const place = this.places[name]
    place.entries = place.entries.filter((_, other) => other !== at % Math.max(1, place.entries.length))
  }
  change(name: Name, at: number, field: FieldName, value: number): void {
    const place = this.places[name]
    const is = field === 'Product' || field === 'Note' ? `v${value}` : value
    place.entries = place.entries.map((entry, other) =>
      other === at % place.entries.length ? { ...entry, [field]: is } : entry,
    )
  }
  turnRound(name: Name): void {
    this.places[name].entries = this.places[name].entries.toReversed()
  }
  /** An entry of ten becomes one of six and one of four, which may carry a copy of our key. */
  split(name: Name, at: number, withKey: boolean): void {
    const place = this.places[name]
    const entry = place.entries[at % Math.max(1, place.entries.length)]
    const part = Number(entry?.Quantity) - 1
    if (!entry || part < 1) return
    const copy = { ...entry, Id: String(place.next++), Quantity: part, Higher: String(entry.Id) }
    place.entries = [
      ...place.entries.map(other => (other === entry ? { ...entry, Quantity: 1 } : other)),
      withKey ? copy : { ...copy, Key: '' },
    ]
  }
  book(): void {
    this.places.erp.status = 'booked'
  }

  hear(name: Name): void {
    const place = this.places[name]
    const now = this.#native(name)
    const [before, after] = [this.#read(name, place.held), this.#read(name, now)]
    const extras = extrasIn({ system: { name, role: name }, mapping: mapped, contract: Order }, [place.held, now])
    const merged = merge(Order, name, this.record, before, after, {}, undefined, undefined, extras)
    const disputes = disputesIn(Order, name, this.record, merged, before, after, () => true, undefined, {}, extras)
    this.told.push(...disputes.map(one => `${name} ${one.field} ${one.line} ${JSON.stringify(one.wanted)}`))
    this.#expect(name, before, after, extras)
    for (const one of disputes) if (isAddedLine(one)) place.away.add(one.line)
    const other = this.places[name === 'crm' ? 'erp' : 'crm']
    for (const gone of linesGone(this.record.lines, merged.fields.lines)) other.away.add(gone)
    if (merged.changed.length > 0) this.record = merged.fields
    place.held = now
  }

  /** The same rules in words of their own: who may add, take away and change, and what the booking makes the baseline. */
  #expect(name: Name, before: Fields, after: Fields, extras: ReadonlySet<string>): void {
    const isBooked = after.status === 'booked' || (name === 'crm' && this.record.status === 'booked')
    const isBooking = name === 'erp' && isBooked && this.record.status !== 'booked'
    const was = new Map((before.lines as readonly Line[]).map(one => [one.line, one]))
    const now = new Map((after.lines as readonly Line[]).map(one => [one.line, one]))
    const isOwner = (field: string): boolean =>
      field === 'note'
        ? name === 'crm'
        : field === 'shipped' || field === 'splitFrom'
          ? name === 'erp'
          : name === (isBooked ? 'erp' : 'crm')
    for (const [key] of this.expected) {
      const isTaken = isOwner('product') || extras.has(key)
      if (!now.has(key) && isTaken && (was.has(key) || isBooking)) this.expected.delete(key)
    }
    for (const [key, shown] of now) {
      const stands = this.expected.get(key)
      if (!stands) {
        if ((!was.has(key) || isBooking) && (name === 'erp' || !isBooked)) this.expected.set(key, { ...shown })
        continue
      }
      for (const [field, value] of Object.entries(shown)) {
        const isEdited = JSON.stringify(was.get(key)?.[field]) !== JSON.stringify(value)
        const isBaseline = isBooking && (field === 'product' || field === 'quantity')
        const isBack = field === 'splitFrom' && stands[field] === null
        if (isOwner(field) && (isEdited || isBaseline || isBack)) stands[field] = value
      }
    }
    for (const stands of this.expected.values())
      if (!this.expected.has(String(stands.splitFrom))) stands.splitFrom = null
  }

  patch(name: Name): Patch {
    const mayWrite = (field: Parameters<typeof ownerOf>[1]): boolean => ownerOf(Order, field, this.record) !== name
    const { held, away } = this.places[name]
    const isHeld = linesHeld(mapped, name, { native: held })
    const { fields, lists } = toNative(
      mapped,
      Order,
      this.record,
      () => undefined,
      mayWrite,
      name,
      noVocabulary,
      isHeld,
    )
    return patchOf(mapped, { fields, lists }, held, { system: name, contract: Order, away })
  }

  deliver(name: Name): void {
    const place = this.places[name]
    const patch = this.patch(name)
    // The ERP refuses what was compared with an older version of its order.
    if (isEmpty(patch) || (name === 'erp' && JSON.stringify(place.held.Items) !== JSON.stringify(place.entries))) return
    const number = (entry: Native): Native =>
      entry.Id === undefined ? { Note: '', Shipped: 0, Higher: null, ...entry, Id: String(place.next++) } : entry
    const written = afterWrite(mapped, this.#native(name), patch)
    const known = new Set(place.entries.map(entry => entry.Id))
    place.entries = ((written.Items ?? []) as readonly Native[]).map(number)
    place.status = String(written.Status)
    const added = place.entries.filter(entry => !known.has(entry.Id))
    const held = afterWrite(mapped, place.held, patch)
    const without = ((held.Items ?? []) as readonly Native[]).filter(entry => entry.Id !== undefined)
    place.held = { ...held, Items: [...without, ...added] }
    place.writes++
    place.away.clear()
  }

  /** Everything is heard and written, until nothing more is to be written; a dozen rounds are far more than it may take. */
  settle(): void {
    for (let round = 0; round < 12; round++) {
      for (const name of ['crm', 'erp'] as const) this.#turn(name)
      this.hear('crm')
      if (isEmpty(this.patch('crm')) && isEmpty(this.patch('erp'))) return
    }
    throw new Error('There is always something more to write')
  }
  #turn(name: Name): void {
    this.hear(name)
    this.deliver(name)
  }
  at = (name: Name, key: string): number => this.places[name].entries.findIndex(entry => entry.Key === key)
}

type Step =
  | { readonly do: 'add'; readonly in: Name; readonly value: number }
  | { readonly do: 'remove'; readonly in: Name; readonly at: number }
  | { readonly do: 'change'; readonly in: Name; readonly at: number; readonly field: FieldName; readonly value: number }
  | { readonly do: 'turn round'; readonly in: Name }
  | { readonly do: 'split'; readonly at: number; readonly withKey: boolean }
  | { readonly do: 'hear' | 'deliver'; readonly in: Name }
  | { readonly do: 'book' }

function take(pair: Pair, step: Step): void {
  if (step.do === 'add') pair.add(step.in, step.value)
  else if (step.do === 'remove') pair.remove(step.in, step.at)
  else if (step.do === 'change') pair.change(step.in, step.at, step.field, step.value)
  else if (step.do === 'turn round') pair.turnRound(step.in)
  else if (step.do === 'split') pair.split('erp', step.at, step.withKey)
  else if (step.do === 'book') pair.book()
  else pair[step.do](step.in)
}

const where = fc.constantFrom<Name>('crm', 'erp')
const at = fc.nat({ max: 5 })
const value = fc.integer({ min: 1, max: 9 })
const edit = fc.oneof(
  fc.record({ do: fc.constant('add' as const), in: where, value }),
  fc.record({ do: fc.constant('remove' as const), in: where, at }),
  fc.record({ do: fc.constant('change' as const), in: where, at, field: fc.constantFrom(...fieldNames), value }),
  fc.record({ do: fc.constant('turn round' as const), in: where }),
  fc.record({ do: fc.constant('split' as const), at, withKey: fc.boolean() }),
)
const between = fc.record({ do: fc.constantFrom('hear' as const, 'deliver' as const), in: where })
const steps = fc.array(fc.oneof({ weight: 3, arbitrary: edit }, { weight: 3, arbitrary: between }), { maxLength: 25 })

const sorted = (lines: readonly Fields[]): Fields[] =>
  lines.toSorted((a, b) => (String(a.line) < String(b.line) ? -1 : 1))

describe('whatever two systems do to the lines of an order, and whenever it is heard and written', () => {
  const check = (status: string, all: readonly Step[]): void => {
    const pair = new Pair(status)
    for (const step of all) take(pair, step)
    pair.settle()
    const expected = sorted([...pair.expected.values()])
    expect(sorted(pair.lines())).toEqual(expected)
    for (const name of ['crm', 'erp'] as const) {
      expect(sorted(pair.shown(name)).map(one => ({ ...one }))).toEqual(expected)
      expect(pair.places[name].entries).toHaveLength(expected.length)
      expect(isEmpty(pair.patch(name))).toBe(true)
    }
  }

  test.each(['open', 'booked'])('both end with the lines that their owners said, while it is %s', status => {
    fc.assert(
      fc.property(steps, all => check(status, all)),
      { numRuns: 300 },
    )
  })
  test('and also when it is booked in between', () => {
    const booked = fc.tuple(steps, steps).map(([before, after]): Step[] => [...before, { do: 'book' }, ...after])
    fc.assert(
      fc.property(booked, all => check('open', all)),
      { numRuns: 300 },
    )
  })

  test('the same edits end in the same lines, however hearing and writing fall in between', () => {
    const key = fc.constantFrom('a', 'b', 'c')
    const edits = fc.array(
      fc.oneof(
        fc.record({ in: where, key, field: fc.constantFrom(...fieldNames), value }),
        fc.record({ in: fc.constant('erp' as const), key }),
      ),
      { maxLength: 8 },
    )
    const schedule = fc.array(fc.array(between, { maxLength: 4 }), { minLength: 8, maxLength: 8 })
    type Edit = { readonly in: Name; readonly key: string; readonly field?: FieldName; readonly value?: number }
    const ending = (all: readonly Edit[], schedule: readonly (readonly Step[])[]): Fields[] => {
      const pair = new Pair('booked')
      for (const [n, one] of all.entries()) {
        const place = pair.at(one.in, one.key)
        if (place >= 0 && one.field) pair.change(one.in, place, one.field, one.value ?? 0)
        if (place >= 0 && !one.field) pair.remove(one.in, place)
        for (const step of schedule[n] ?? []) take(pair, step)
      }
      pair.settle()
      return sorted(pair.lines())
    }
    // Of one field several edits may be heard as the last of them alone: so each is edited once.
    const once = edits.map(all => [
      ...new Map(all.map(one => [JSON.stringify([one.in, one.key, 'field' in one && one.field]), one])).values(),
    ])
    fc.assert(
      fc.property(once, schedule, schedule, (all, one, other) => {
        expect(ending(all, one)).toEqual(ending(all, other))
      }),
      { numRuns: 300 },
    )
  })
})

describe('an edit of a line that its owner took away meanwhile', () => {
  test('does not bring the line back, and is counted, whichever of the two is heard first', () => {
    for (const order of [
      ['erp', 'crm'],
      ['crm', 'erp'],
    ] as const) {
      const pair = new Pair('booked')
      pair.remove('erp', pair.at('erp', 'b'))
      pair.change('crm', pair.at('crm', 'b'), 'Quantity', 7)
      for (const name of order) pair.hear(name)
      expect(pair.told).toEqual(['crm lines.quantity b 7'])
      pair.settle()
      expect(pair.lines().map(one => one.line)).toEqual(['a', 'c'])
      expect(pair.shown('crm').map(one => one.line)).toEqual(['a', 'c'])
    }
  })
  test('nor does a line come back that sales took away, when the ERP confirms another', () => {
    const pair = new Pair('open')
    pair.remove('crm', pair.at('crm', 'b'))
    pair.hear('crm')
    pair.change('erp', pair.at('erp', 'a'), 'Shipped', 1)
    pair.hear('erp')
    expect(pair.lines().map(one => one.line)).toEqual(['a', 'c'])
  })
})

test('lines told in another order are the same lines: nothing is new, nothing disputed, nothing written', () => {
  for (const name of ['crm', 'erp'] as const) {
    const pair = new Pair('booked')
    const before = pair.record
    pair.turnRound(name)
    pair.hear(name)
    expect(pair.record).toBe(before)
    expect(pair.told).toEqual([])
    expect(isEmpty(pair.patch(name))).toBe(true)
  }
})

test('lines that a system tells in its own order, and only in part, are still those that it was sent', () => {
  const sent = [
    { line: 'a', quantity: 1, open: 1 },
    { line: 'b', quantity: 2, open: 2 },
  ]
  expect(
    isShownAs(sent, [
      { line: 'b', quantity: 2 },
      { line: 'a', quantity: 1 },
    ]),
  ).toBe(true)
  expect(
    isShownAs(sent, [
      { line: 'b', quantity: 2 },
      { line: 'a', quantity: 3 },
    ]),
  ).toBe(false)
  expect(isShownAs(sent, [{ line: 'b', quantity: 2 }])).toBe(false)
})
