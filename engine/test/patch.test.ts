// The patch is desired minus holding: what is written makes them equal, and then nothing is left to write.
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
  text,
} from '@plumbline/sdk'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { afterWrite, isEmpty, patchOf } from '../src/deliver/patch.ts'
import { lineKeysIn } from '../src/kernel/line-keys.ts'

const Order = contract('order', {
  name: text('Name').ownedBy('crm'),
  lines: linesOf('Lines', { keyedBy: 'line' }, { quantity: count('Quantity').ownedBy('crm') }),
})
const erp = connector(
  'erp',
  { settings: {}, connect: () => ({}), test: async () => true, clock: async () => '' },
  { concurrency: 1, longestCallMs: 1 },
).object('Order', {
  fields: {
    Id: id(),
    Name: text('Name'),
    Items: listOf('Items', { Id: id(), Key: text('Key'), Quantity: count('Quantity') }),
  },
})
const inErp = mapping(Order, objectOf(erp, 'Order'), {
  name: 'Name',
  lines: { each: 'Items', id: 'Id', key: 'Key', fields: { quantity: 'Quantity' } },
})

const items = fc.uniqueArray(
  fc.record({ Key: fc.constantFrom('a', 'b', 'c', 'd'), Quantity: fc.integer({ min: 1, max: 5 }) }),
  { selector: item => item.Key },
)
const desired = fc.record({ fields: fc.record({ Name: fc.string() }), lists: fc.record({ Items: items }) })
const withIds = (all: readonly Native[]): Native[] => all.map(item => ({ ...item, Id: `id-${String(item.Key)}` }))

test('a written patch leaves nothing to write', () => {
  fc.assert(
    fc.property(desired, fc.record({ Name: fc.string(), Items: items.map(withIds) }), (wanted, held) => {
      const patch = patchOf(inErp, wanted, held)
      expect(isEmpty(patchOf(inErp, wanted, afterWrite(inErp, held, patch)))).toBe(true)
    }),
  )
})

test('entries without our key are the system’s own and stay', () => {
  const held = {
    Name: 'x',
    Items: [
      { Id: '30', Key: '', Quantity: 1 },
      { Id: '10', Key: 'a', Quantity: 1 },
    ],
  }
  expect(patchOf(inErp, { fields: { Name: 'x' }, lists: { Items: [] } }, held).lists.Items).toEqual({
    add: [],
    change: [],
    remove: ['10'],
  })
})

test('only what differs is written', () => {
  const held = {
    Name: 'old',
    Items: [
      { Id: '10', Key: 'a', Quantity: 1 },
      { Id: '20', Key: 'b', Quantity: 2 },
    ],
  }
  const patch = patchOf(
    inErp,
    {
      fields: { Name: 'new' },
      lists: {
        Items: [
          { Key: 'a', Quantity: 1 },
          { Key: 'b', Quantity: 3 },
        ],
      },
    },
    held,
  )
  expect(patch).toEqual({
    fields: { Name: 'new' },
    lists: { Items: { add: [], change: [{ id: '20', Quantity: 3 }], remove: [] } },
    isEarly: false,
  })
})

test('an entry whose id was not told yet is too early to be changed or taken away, and not to be left as it is', () => {
  const held = { Name: 'x', Items: [{ Key: 'a', Quantity: 1 }] }
  const early = (Items: { Key: string; Quantity: number }[]): boolean =>
    patchOf(inErp, { fields: { Name: 'x' }, lists: { Items } }, held).isEarly
  expect([early([{ Key: 'a', Quantity: 2 }]), early([]), early([{ Key: 'a', Quantity: 1 }])]).toEqual([
    true,
    true,
    false,
  ])
})

test('but they go where it was decided that the line goes', () => {
  const held = { Name: 'x', Items: [{ Id: '30', Key: '', Quantity: 1 }] }
  const away = new Set(lineKeysIn({ each: 'Items', id: 'Id', key: 'Key' }, inErp, 'works', held.Items))
  const wanted = { fields: { Name: 'x' }, lists: { Items: [] } }
  expect(patchOf(inErp, wanted, held, { system: 'works', away }).lists.Items?.remove).toEqual(['30'])
})

test('an entry that was copied with our key gets its own, and the first keeps it', () => {
  const copied = [
    { Id: '20', Key: 'a', Quantity: 1 },
    { Id: '10', Key: 'a', Quantity: 2 },
  ]
  const [copy, first] = lineKeysIn({ each: 'Items', id: 'Id', key: 'Key' }, inErp, 'works', copied)
  expect(first).toBe('a')
  const items = [
    { Key: copy, Quantity: 1 },
    { Key: 'a', Quantity: 2 },
  ]
  const patch = patchOf(inErp, { fields: {}, lists: { Items: items } }, { Items: copied }, { system: 'works' })
  expect(patch.lists.Items).toEqual({ add: [], change: [{ id: '20', Key: copy }], remove: [] })
})

test('a line that the system has split is written without what its parts have', () => {
  const Split = contract('order', {
    lines: linesOf(
      'Lines',
      { keyedBy: 'line', parts: { of: 'from', summed: ['quantity'] } },
      { quantity: count('Quantity').ownedBy('crm'), from: line('Split from').ownedBy('erp') },
    ),
  })
  const parted = connector(
    'erp',
    { settings: {}, connect: () => ({}), test: async () => true, clock: async () => '' },
    { concurrency: 1, longestCallMs: 1 },
  ).object('Order', {
    fields: {
      Id: id(),
      Items: listOf('Items', { Id: id(), Key: text('Key'), Quantity: count('Quantity'), Up: text('Up') }),
    },
  })
  const inParted = mapping(Split, objectOf(parted, 'Order'), {
    lines: { each: 'Items', id: 'Id', key: 'Key', fields: { quantity: 'Quantity', from: 'Up' } },
  })
  const Items = [
    { Id: '10', Key: 'a', Quantity: 6, Up: null },
    { Id: '20', Key: '', Quantity: 3, Up: '10' },
    { Id: '30', Key: '', Quantity: 1, Up: '20' },
  ]
  const written = (quantity: number) =>
    patchOf(
      inParted,
      { fields: {}, lists: { Items: [{ Key: 'a', Quantity: quantity }] } },
      { Items },
      {
        system: 'works',
        contract: Split,
      },
    ).lists.Items
  expect(written(10)).toBeUndefined()
  expect(written(12.5)).toEqual({ add: [], change: [{ id: '10', Quantity: 8.5 }], remove: [] })
})
