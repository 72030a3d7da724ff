// Each field has one owner at a time; what others change is put right, what the system made of our own value is accepted.
import { contract, count, linesOf, money, stages, text } from '@plumbline/sdk'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { disputesIn } from '../src/decide/disputes.ts'
import { type Merged, merge } from '../src/decide/merge.ts'

const untilBooked = { until: 'booked', then: 'erp', later: 'change request' } as const
const Order = contract('order', {
  number: text('Number').ownedBy('erp').optional(),
  reference: text('Reference').ownedBy('crm'),
  status: stages('Status', 'open', 'booked', 'shipped').ownedBy('erp'),
  total: money('Total').ownedBy('erp').optional(),
  lines: linesOf(
    'Lines',
    { keyedBy: 'line', extras: 'erp' },
    {
      quantity: count('Quantity').ownedBy('crm', untilBooked),
      confirmed: count('Confirmed').ownedBy('erp'),
    },
  ),
})
const all = () => true
/** What is disputed by an observation that follows another. */
function disputed(
  role: string,
  record: Fields,
  before: Fields,
  after: Fields,
): [Merged, ReturnType<typeof disputesIn>] {
  const merged = merge(Order, role, record, before, after, {}, undefined)
  return [merged, disputesIn(Order, role, record, merged, before, after, all)]
}
type Fields = Readonly<Record<string, unknown>>
const open = {
  reference: 'Q1',
  lines: [
    { line: 'a', quantity: 2 },
    { line: 'b', quantity: 5 },
  ],
}

describe('a field', () => {
  test('is taken from the system whose role owns it', () => {
    const merged = merge(Order, 'erp', open, {}, { number: '17', status: 'booked' }, {}, undefined)
    expect(merged.fields).toMatchObject({ number: '17', status: 'booked', reference: 'Q1' })
    expect(merged.changed).toEqual(['status', 'number'])
    expect(merged.foreign).toEqual([])
  })

  test('that another role owns is put right, not taken', () => {
    const merged = merge(Order, 'erp', open, { reference: 'Q1' }, { reference: 'CHANGED' }, {}, undefined)
    expect(merged.fields.reference).toBe('Q1')
    expect(merged.foreign).toEqual(['reference'])
  })

  test('that the system did not touch says nothing, however it differs from the record', () => {
    const merged = merge(Order, 'erp', { ...open, number: '18' }, { number: '17' }, { number: '17' }, {}, undefined)
    expect(merged.changed).toEqual([])
    expect(merged.fields.number).toBe('18')
  })

  test('that is newer than the record is learned from what its owner shows, touched or not', () => {
    const learned = merge(Order, 'crm', { status: 'open' }, { reference: 'Q1' }, { reference: 'Q1' }, {}, undefined)
    expect(learned).toMatchObject({ fields: { reference: 'Q1' }, changed: ['reference'], foreign: [] })
    const shown = merge(Order, 'erp', { status: 'open' }, { reference: 'Q1' }, { reference: 'Q1' }, {}, undefined)
    expect(shown).toMatchObject({ changed: [], foreign: [] })
    const { lines } = open
    const lists = (role: string, was: Fields, is: Fields) =>
      merge(Order, role, { status: 'open' }, was, is, {}, undefined)
    expect(lists('crm', { lines }, { lines })).toMatchObject({ fields: { lines }, changed: ['lines'], foreign: [] })
    const edited = [{ line: 'a', quantity: 3 }, lines[1]]
    expect(lists('crm', { lines }, { lines: edited }).fields.lines).toEqual(edited)
    expect(lists('crm', { lines: [] }, { lines: [] })).toMatchObject({ changed: [], foreign: [] })
  })

  test('passes to its next owner at the stage that the contract names, decided where the record then stands', () => {
    const booked = merge(
      Order,
      'erp',
      open,
      { lines: open.lines },
      {
        status: 'booked',
        lines: [
          { line: 'a', quantity: 3 },
          { line: 'b', quantity: 5 },
        ],
      },
      {},
      undefined,
    )
    expect(booked.fields.lines).toEqual([
      { line: 'a', quantity: 3 },
      { line: 'b', quantity: 5 },
    ])
    const still = merge(
      Order,
      'erp',
      open,
      { lines: open.lines },
      {
        lines: [
          { line: 'a', quantity: 3 },
          { line: 'b', quantity: 5 },
        ],
      },
      {},
      undefined,
    )
    expect(still.fields.lines).toEqual(open.lines)
    expect(still.foreign).toEqual(['lines'])
  })
})

describe('what the system makes of what we sent', () => {
  const sent = { reference: { sent: 'Q1', times: 1 } }
  test('is accepted once, from the echo of our own write', () => {
    const merged = merge(Order, 'erp', open, { reference: 'Q1' }, { reference: 'q1' }, sent, { reference: 'q1' })
    expect(merged.foreign).toEqual([])
    expect(merged.accepted.reference).toEqual({ sent: 'Q1', became: 'q1' })
    expect(merge(Order, 'erp', open, undefined, { reference: 'q1' }, merged.accepted, undefined).foreign).toEqual([])
  })
  test('does not excuse an edit by somebody else', () => {
    expect(merge(Order, 'erp', open, { reference: 'Q1' }, { reference: 'q1' }, sent, undefined).foreign).toEqual([
      'reference',
    ])
  })
})

describe('lines', () => {
  test('are merged by key, each field by its owner', () => {
    const merged = merge(
      Order,
      'erp',
      open,
      { lines: open.lines },
      {
        lines: [
          { line: 'b', quantity: 9, confirmed: 5 },
          { line: 'a', quantity: 2, confirmed: 2 },
        ],
      },
      {},
      undefined,
    )
    expect(merged.fields.lines).toEqual([
      { line: 'a', quantity: 2, confirmed: 2 },
      { line: 'b', quantity: 5, confirmed: 5 },
    ])
    expect(merged.foreign).toEqual(['lines'])
  })
  test('added by the role of the extras are welcome', () => {
    const merged = merge(
      Order,
      'erp',
      open,
      { lines: open.lines },
      { lines: [...open.lines, { line: 'freight', quantity: 1 }] },
      {},
      undefined,
    )
    expect((merged.fields.lines as { line: string }[]).map(line => line.line)).toEqual(['a', 'b', 'freight'])
  })
  test('stay, when who does not own them removes them', () => {
    const merged = merge(Order, 'erp', open, { lines: open.lines }, { lines: [open.lines[0]] }, {}, undefined)
    expect(merged.fields.lines).toEqual(open.lines)
  })
})

describe('the version that was booked is the baseline', () => {
  const shown = { lines: open.lines }
  test('an edit that came too late to be booked is taken back, and is a request of the former owner', () => {
    const record = { ...open, lines: [{ line: 'a', quantity: 7 }, open.lines[1]] }
    const [merged, disputes] = disputed('erp', record, { ...shown, status: 'open' }, { ...shown, status: 'booked' })
    expect(merged.fields).toMatchObject({ status: 'booked', lines: open.lines })
    expect(disputes).toMatchObject([
      {
        field: 'lines.quantity',
        line: 'a',
        wanted: 7,
        held: 2,
        owner: 'erp',
        treatment: 'change request',
        ofFormerOwner: true,
      },
    ])
  })
  test('a line that came too late is one too', () => {
    const record = { ...open, lines: [...open.lines, { line: 'c', quantity: 1 }] }
    const [merged, disputes] = disputed('erp', record, { ...shown, status: 'open' }, { ...shown, status: 'booked' })
    expect(merged.fields.lines).toEqual(open.lines)
    expect(disputes).toMatchObject([{ field: 'lines', line: 'c', held: null, ofFormerOwner: true }])
  })
  test('what the new owner keeps in a form of its own is no request', () => {
    const accepted = { reference: { sent: 'Q1', became: 'q1' } }
    const merged = merge(
      Order,
      'erp',
      open,
      { status: 'open' },
      { status: 'booked', reference: 'q1' },
      accepted,
      undefined,
    )
    expect(merged.fields.reference).toBe('Q1')
  })
})

describe('what others want', () => {
  const booked = { ...open, status: 'booked' }
  test('is told line by line: a quantity, a line more, a line less', () => {
    const after = {
      lines: [
        { line: 'a', quantity: 3 },
        { line: 'c', quantity: 1 },
      ],
    }
    const [merged, disputes] = disputed('crm', booked, { lines: open.lines }, after)
    expect(merged.fields.lines).toEqual(open.lines)
    expect(disputes).toMatchObject([
      { field: 'lines', line: 'c', wanted: { quantity: 1 }, held: null, treatment: 'change request' },
      { field: 'lines', line: 'b', wanted: null, held: { quantity: 5 }, treatment: 'change request' },
      { field: 'lines.quantity', line: 'a', wanted: 3, held: 2, treatment: 'change request' },
    ])
  })
  test('is nothing where it is what stands already', () => {
    const [, disputes] = disputed('erp', { ...booked, reference: 'Q2' }, { reference: 'Q1' }, { reference: 'Q2' })
    expect(disputes).toEqual([])
  })
})

test('no edit is lost and none is taken that is not its owner’s, whatever two systems do', () => {
  const value = fc.constantFrom('a', 'b', 'c')
  const shown = fc.record({ number: value, reference: value })
  fc.assert(
    fc.property(shown, shown, shown, fc.constantFrom('crm', 'erp'), (record, before, after, role) => {
      const [merged, disputes] = disputed(role, { ...record, status: 'booked' }, before, after)
      for (const [name, owner] of [
        ['number', 'erp'],
        ['reference', 'crm'],
      ] as const) {
        const isTouched = before[name] !== after[name]
        expect(merged.fields[name]).toBe(isTouched && owner === role ? after[name] : record[name])
        const told = disputes.filter(one => one.field === name)
        expect(told).toHaveLength(isTouched && owner !== role && after[name] !== record[name] ? 1 : 0)
        for (const one of told) expect(one).toMatchObject({ wanted: after[name], held: record[name], owner })
      }
    }),
    { numRuns: 500 },
  )
})

describe('shared lines', () => {
  const because = 'both sides know numbers'
  const Person = contract('person', {
    phones: linesOf('Phones', { keyedBy: 'line' }, { number: text('Number'), kind: text('Kind') }).sharedBy(
      ['crm', 'erp'],
      { agreed: 'keep both', because },
    ),
  })
  const home = { line: 'a', number: '1', kind: 'home' }
  const work = { line: 'b', number: '2', kind: 'work' }
  const told = (role: string, record: Fields[], before: Fields[], after: Fields[]) =>
    merge(Person, role, { phones: record }, { phones: before }, { phones: after }, {}, undefined).fields.phones

  test('that both sides add are both kept', () => {
    expect(told('erp', [home, work], [home], [home, { line: 'c', number: '3', kind: 'fax' }])).toEqual([
      home,
      work,
      { line: 'c', number: '3', kind: 'fax' },
    ])
  })
  test('are changed field by field by either side', () => {
    const byCrm = { ...home, number: '9' }
    expect(told('erp', [byCrm], [home], [{ ...home, kind: 'mobile' }])).toEqual([{ ...byCrm, kind: 'mobile' }])
  })
  test('are taken away by either side, but not what the other has edited meanwhile', () => {
    expect(told('crm', [home, work], [home, work], [work])).toEqual([work])
    expect(told('crm', [{ ...home, number: '9' }, work], [home, work], [work])).toEqual([
      { ...home, number: '9' },
      work,
    ])
  })
})

test('merging what was merged changes nothing more', () => {
  const lines = fc.uniqueArray(
    fc.record({
      line: fc.constantFrom('a', 'b', 'c'),
      quantity: fc.integer({ min: 1, max: 9 }),
      confirmed: fc.integer({ min: 0, max: 9 }),
    }),
    { selector: line => line.line, maxLength: 3 },
  )
  const shown = fc.record(
    { number: fc.string(), reference: fc.string(), status: fc.constantFrom('open', 'booked', 'shipped'), lines },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(shown, shown, fc.constantFrom('crm', 'erp'), (record, after, role) => {
      const once = merge(Order, role, record, undefined, after, {}, undefined)
      const twice = merge(Order, role, once.fields, after, after, once.accepted, undefined)
      expect(twice.changed).toEqual([])
      expect(twice.fields).toEqual(once.fields)
    }),
    { numRuns: 500 },
  )
})
