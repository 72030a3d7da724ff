// What a system holds does not depend on the order, the number or the delay of what it told us.
import {
  connector,
  contract,
  count,
  id,
  linesOf,
  listOf,
  mapping,
  type NativeId,
  type Observation,
  objectOf,
  text,
} from '@plumbline/sdk'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withoutShown } from '../src/decide/merge.ts'
import { holdingAfter } from '../src/deliver/holding-after.ts'
import { answered, type Heard } from '../src/kernel/rows.ts'
import { type Held, hearAll, nothingHeld, observe } from '../src/translate/observe.ts'

const Quote = contract('quote', {
  name: text('Name').ownedBy('crm'),
  note: text('Note').ownedBy('crm'),
  lines: linesOf('Lines', { keyedBy: 'line' }, { quantity: count('Quantity').ownedBy('crm') }),
})
const sales = connector(
  'sales',
  { settings: {}, connect: () => ({}), test: async () => true, clock: async () => '' },
  { concurrency: 1, longestCallMs: 1 },
).object('Quote', {
  fields: {
    Id: id(),
    Name: text('Name'),
    Note: text('Note'),
    Lines: listOf('Lines', { Id: id(), Quantity: count('Quantity') }),
  },
})
const inSales = mapping(Quote, objectOf(sales, 'Quote'), {
  name: 'Name',
  note: 'Note',
  lines: { each: 'Lines', id: 'Id', fields: { quantity: 'Quantity' } },
})

const nativeId = (name: string): NativeId => name as NativeId
const seen = (
  at: number,
  fields: Record<string, unknown>,
  mask: 'all' | string[] = Object.keys(fields),
): Observation => ({ object: 'Quote', id: nativeId('Q1'), kind: 'seen', mask, fields, position: { at, seq: at } })
const entry = (
  line: string,
  at: number,
  fields: Record<string, unknown>,
  kind: 'seen' | 'gone' = 'seen',
): Observation => ({
  object: 'QuoteLine',
  id: nativeId(line),
  kind,
  mask: Object.keys(fields),
  fields,
  position: { at, seq: at },
  entryOf: { object: 'Quote', list: 'Lines', parent: nativeId('Q1') },
})
const heard = (all: readonly Observation[], from: Held = nothingHeld): Held =>
  all.reduce((held, one) => observe(held, inSales, one), from)
const sorted = (held: Held): unknown => ({
  ...held.native,
  Lines: [...((held.native.Lines ?? []) as { Id: string }[])].sort((a, b) => a.Id.localeCompare(b.Id)),
})

/** Events of one quote in the order they happened, each with its own position. */
const history = fc
  .array(
    fc.oneof(
      fc.record({
        what: fc.constant('header' as const),
        field: fc.constantFrom('Name', 'Note'),
        value: fc.string({ maxLength: 3 }),
      }),
      fc.record({
        what: fc.constant('line' as const),
        line: fc.constantFrom('L1', 'L2', 'L3'),
        quantity: fc.integer({ min: 1, max: 9 }),
      }),
    ),
    { minLength: 1, maxLength: 25 },
  )
  .map(all =>
    all.map((event, i) =>
      event.what === 'header'
        ? seen(i + 1, { [event.field]: event.value })
        : entry(event.line, i + 1, { Quantity: event.quantity }),
    ),
  )

describe('events of one record', () => {
  test('heard in any order, any number of times, lead to the same holding', () => {
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat()), (events, random) => {
        const inOrder = sorted(heard(events))
        const numbers = random[Symbol.iterator]()
        const again = [...events, ...events.filter(() => (numbers.next().value as number) % 3 === 0)]
        const shuffled = again
          .map(event => ({ event, key: numbers.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(one => one.event)
        expect(sorted(heard(shuffled))).toEqual(inOrder)
      }),
      { numRuns: 500 },
    )
  })

  test('older than a whole reading are not news, newer ones survive it', () => {
    const read = seen(10, { Name: 'read', Note: 'read', Lines: [] }, 'all')
    expect(heard([read, seen(9, { Name: 'older' })]).native.Name).toBe('read')
    expect(heard([seen(11, { Name: 'newer' }), read]).native).toMatchObject({ Name: 'newer', Note: 'read' })
  })

  test('what is not in the mask is unknown, and null clears', () => {
    const before = heard([seen(1, { Name: 'Acme', Note: 'keep' })])
    expect(heard([seen(2, { Name: null }, ['Name'])], before).native).toEqual({ Name: null, Note: 'keep' })
  })

  test('a removed line stays removed when its birth is told again', () => {
    const birth = entry('L1', 1, { Quantity: 2 })
    expect(heard([birth, entry('L1', 2, {}, 'gone'), birth]).native.Lines).toEqual([])
  })
})

describe('after a write of ours', () => {
  const arrived = (observation: Observation, wrote?: readonly string[]): Heard => ({
    ...{ change: 'c1', live: true, heardAt: '', observation },
    ...(wrote && { wrote }),
  })
  const all = (changes: readonly Heard[], before: Held) =>
    hearAll(before, inSales, { changes }, undefined, one => one.by === answered)
  const sent: Held = { ...nothingHeld, native: { Name: 'Acme', Note: 'dry' } }
  const answer = (at: number, fields: Record<string, unknown>): Observation => ({
    ...seen(at, { Lines: [], ...fields }, 'all'),
    by: answered,
  })

  test('what the system made of it is what the write carried, not what somebody else edited meanwhile', () => {
    const { after, made } = all([arrived(answer(2, { Name: 'ACME', Note: 'wet' }), ['Name'])], sent)
    expect(after.native).toMatchObject({ Name: 'ACME', Note: 'wet' })
    expect(made).toEqual({ Name: 'ACME' })
  })

  test('the system has shown what it was sent once it told so, whatever was edited right after that', () => {
    const edited = seen(3, { Note: 'wet' })
    const accepted = { note: { sent: 'dry', times: 1 } }
    const { told } = all([arrived(answer(2, { Name: 'Acme', Note: 'dry' })), arrived(edited)], sent)
    expect(withoutShown(accepted, { note: told.Note })).toEqual({ note: { sent: 'dry' } })
    // We hold it to be as we sent it: nobody told so.
    const unheard = all([arrived(seen(3, { Name: 'Acme' }))], sent)
    expect(withoutShown(accepted, { note: unheard.told.Note })).toEqual(accepted)
  })

  test('the answer to an earlier one is no news of what the later one wrote', () => {
    const write = { key: 'k#2', id: nativeId('Q1'), fields: { Name: 'second' }, lists: {} }
    const need = {
      row: { ref: 'quote-1' },
      record: { fields: { name: 'second' } },
      mapping: inSales,
      kind: 'update' as const,
    }
    const end = { end: 'written', id: nativeId('Q1'), position: { at: 5, seq: 5 }, native: { Name: 'SECOND' } } as const
    const known = { ...sent, ...{ ref: 'quote-1', system: 'sales', object: 'Quote', native_id: 'Q1' } }
    const latest = { ...known, accepted: {}, gone: false, answered: true }
    const held = holdingAfter('sales', { need: { ...need, write, holding: latest }, end }, latest)
    const late = all([arrived(answer(4, { Name: 'FIRST' }), ['Name'])], held)
    expect(late).toMatchObject({ after: { native: { Name: 'second' } }, made: {} })
    const own = all([arrived(answer(5, { Name: 'SECOND' }), ['Name'])], late.after)
    expect(own).toMatchObject({ after: { native: { Name: 'SECOND' } }, made: { Name: 'SECOND' } })
  })

  test('nor is it where the later one changed nothing, and so has the place of the one before', () => {
    const written: Held = {
      ...sent,
      native: { Name: 'acme', Note: 'dry' },
      field_positions: { Name: { at: 4, seq: 4 } },
    }
    const before = all([arrived(answer(4, { Name: 'ACME', Note: 'wet' }), ['Note'])], written)
    expect(before).toMatchObject({ after: { native: { Name: 'acme', Note: 'wet' } }, made: { Note: 'wet' } })
    const own = all([arrived(answer(4, { Name: 'ACME', Note: 'wet' }), ['Name'])], before.after)
    expect(own).toMatchObject({ after: { native: { Name: 'ACME' } }, made: { Name: 'ACME' } })
  })

  test('the event of an earlier one, late, is no news of an entry that we have written since: the record is read', () => {
    const written: Held = {
      ...sent,
      native: { ...sent.native, Lines: [{ Id: 'L1', Quantity: 9 }] },
      position: { at: 1 },
    }
    const ofOurs: Observation = { ...entry('L1', 2, { Id: 'L1', Quantity: 1 }), by: 'plumbline' }
    const late = (wrote: readonly string[]): Held =>
      hearAll(written, inSales, { changes: [arrived(ofOurs)] }, { fields: wrote, signedAs: 'plumbline' }, () => true)
        .after
    expect(late(['lines'])).toMatchObject({ native: { Lines: [{ Id: 'L1', Quantity: 9 }] }, unsure: true })
    expect(late(['name'])).toMatchObject({ native: { Lines: [{ Id: 'L1', Quantity: 1 }] } })
  })
})
