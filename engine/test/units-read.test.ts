// What lines count is converted, or somebody hears of it; what only stands beside the goods is not counted.
import {
  connector,
  contract,
  count,
  id,
  linesOf,
  listOf,
  lookup,
  mapping,
  money,
  objectOf,
  ref,
  text,
  units,
} from '@plumbline/sdk'
import { expect, test } from 'vitest'
import { calledMissing, type Missing, type Vocabulary } from '../src/kernel/vocabulary.ts'
import { toContract } from '../src/translate/native.ts'

const Units = units('units', {
  keptBy: 'goods',
  says: 'What is counted',
  factors: [{ unit: 'dozen', is: '12', of: 'piece' }],
})
const Part = contract(
  'part',
  {
    name: text('Name').ownedBy('crm'),
    soldBy: text('Sold by').ownedBy('crm').optional(),
    countedIn: text('Counted in').ownedBy('erp').optional(),
  },
  { knownBy: ['name'] },
)
const Basket = contract('basket', {
  freight: money('Freight').ownedBy('erp').optional(),
  lines: linesOf(
    'Lines',
    { keyedBy: 'line', extras: { by: 'erp', where: { kind: 'freight' }, sum: 'net', into: 'freight' } },
    {
      part: ref(Part).ownedBy('crm').optional(),
      quantity: count('Quantity').ownedBy('crm'),
      kind: text('Kind').ownedBy('erp').optional(),
      net: money('Net').ownedBy('erp').optional(),
    },
  ),
})
const item = {
  Id: id(),
  Key: text('Key'),
  Part: lookup('Part'),
  Quantity: count('Quantity'),
  Kind: text('Kind'),
  Net: money('Net'),
}
const works = connector(
  'works',
  { settings: {}, connect: () => ({}), test: async () => true, clock: async () => '' },
  { concurrency: 1, longestCallMs: 1 },
).object('Basket', { fields: { Id: id(), Items: listOf('Items', item) } })
const inWorks = mapping(Basket, objectOf(works, 'Basket'), {
  freight: { skip: 'the sum of its lines' },
  lines: {
    each: 'Items',
    id: 'Id',
    key: 'Key',
    fields: {
      part: 'Part',
      quantity: { field: 'Quantity', counted: Units, of: 'part', ours: 'soldBy', theirs: 'countedIn' },
      kind: 'Kind',
      net: 'Net',
    },
  },
})

const parts = {
  bolt: { name: 'Bolt', soldBy: 'dozen', countedIn: 'piece' },
  nut: { name: 'Nut', soldBy: null, countedIn: 'piece' },
  cart: { name: 'Cart', countedIn: 'piece' },
}
/** The quantities of these items as we read them, and what was missing. */
function read(...Items: readonly object[]) {
  const missing: Missing[] = []
  const vocabulary: Vocabulary = {
    read: () => undefined,
    write: () => undefined,
    rate: () => undefined,
    factors: () => [{ unit: 'dozen', is: '12', of: 'piece' }],
    about: ref => {
      const fields = Object.entries(parts).find(([name]) => name === ref)?.[1]
      return fields && { ref, name: ref, contract: Part, fields }
    },
    miss: one => void missing.push(one),
  }
  const { lines, freight } = toContract(
    inWorks,
    Basket,
    { name: 'works', role: 'erp' },
    { Items },
    (_, native) => native,
    vocabulary,
  )
  const quantities = (lines as readonly { quantity?: number }[]).map(line => line.quantity)
  return { quantities, freight, missing: missing.map(calledMissing) }
}

test('a quantity is converted where both units are said, and is nothing where one is not', () => {
  expect(read({ Id: '1', Key: 'a', Part: 'bolt', Quantity: 24 })).toMatchObject({ quantities: [2], missing: [] })
  expect(read({ Id: '1', Key: 'a', Part: 'nut', Quantity: 24 })).toMatchObject({
    quantities: [undefined],
    missing: ['"Sold by" of Part Nut'],
  })
  expect(read({ Id: '1', Key: 'a', Part: 'p9', Quantity: 24 })).toMatchObject({
    quantities: [undefined],
    missing: ['"soldBy" of p9', '"countedIn" of p9'],
  })
})

test('freight that the ERP adds is an amount whatever it is counted in, and a line that names no part stays as it is', () => {
  const bolts = { Id: '1', Key: 'a', Part: 'bolt', Quantity: 12 }
  const freight = { Id: '2', Part: 'cart', Quantity: 1, Kind: 'freight', Net: { amount: '9.00', currency: 'EUR' } }
  expect(read(bolts, freight)).toEqual({
    quantities: [1],
    freight: { amount: '9.00', currency: 'EUR' },
    missing: [],
  })
  expect(read(bolts, { Id: '3', Key: 'c', Quantity: 3 })).toMatchObject({ quantities: [1, 3], missing: [] })
})
