// A value of ours may stand for several of a system's: each is read, the first is written.
import { connector, contract, id, linesOf, listOf, mapping, objectOf, oneOf, table, text } from '@plumbline/sdk'
import { expect, test } from 'vitest'
import { toContract, toNative, unreadable } from '../src/translate/native.ts'

const Quote = contract('quote', { status: oneOf('Status', 'draft', 'in review', 'done').ownedBy('crm') })
const sales = connector(
  'sales',
  { settings: {}, connect: () => ({}), test: async () => true, clock: async () => '' },
  { concurrency: 1, longestCallMs: 1 },
).object('Quote', { fields: { Id: id(), Status: oneOf('Status', 'Draft', 'In Review', 'Needs Review', 'Done') } })
const inSales = mapping(Quote, objectOf(sales, 'Quote'), {
  status: { field: 'Status', values: { draft: 'Draft', 'in review': ['In Review', 'Needs Review'], done: 'Done' } },
})

test.each([
  ['Draft', 'draft'],
  ['In Review', 'in review'],
  ['Needs Review', 'in review'],
  ['Lost', undefined],
])('"%s" is read as %s', (native, ours) => {
  expect(toContract(inSales, Quote, { name: 'sales', role: 'crm' }, { Status: native }, () => undefined)).toEqual(
    ours === undefined ? {} : { status: ours },
  )
})

test.each([
  ['draft', 'Draft'],
  ['in review', 'In Review'],
])('"%s" is written as %s', (ours, native) => {
  const { fields } = toNative(
    inSales,
    Quote,
    { status: ours },
    () => undefined,
    () => true,
    'sales',
    { read: () => undefined, write: () => undefined, rate: () => undefined },
  )
  expect(fields).toEqual({ Status: native })
})

test('a field of a line may be a word of a value table too, and what the table lacks is told', () => {
  const Words = table('units', { keptBy: 'product desk', says: 'Units' })
  const Basket = contract('basket', {
    lines: linesOf('Lines', { keyedBy: 'line' }, { unit: text('Unit').ownedBy('crm') }),
  })
  const shop = connector(
    'shop',
    { settings: {}, connect: () => ({}), test: async () => true, clock: async () => '' },
    { concurrency: 1, longestCallMs: 1 },
  ).object('Basket', {
    fields: { Id: id(), Items: listOf('Items', { Id: id(), Key: text('Key'), Unit: text('Unit') }) },
  })
  const inShop = mapping(Basket, objectOf(shop, 'Basket'), {
    lines: { each: 'Items', id: 'Id', key: 'Key', fields: { unit: { field: 'Unit', table: Words } } },
  })
  const vocabulary = {
    read: (_: string, __: string, native: string) => ({ PC: 'piece' })[native],
    write: (_: string, __: string, value: string) => ({ piece: 'PC' })[value],
    rate: () => undefined,
  }
  const native = {
    Items: [
      { Id: '1', Key: 'a', Unit: 'PC' },
      { Id: '2', Key: 'b', Unit: 'DZ' },
    ],
  }
  const said = toContract(inShop, Basket, { name: 'shop', role: 'crm' }, native, () => undefined, vocabulary)
  expect(said.lines).toMatchObject([{ line: 'a', unit: 'piece' }, { line: 'b' }])
  expect(unreadable(inShop, Basket, 'shop', native, vocabulary, () => true)).toEqual([
    { table: 'units', system: 'shop', way: 'read', value: 'DZ' },
  ])
  const lines = [
    { line: 'a', unit: 'piece' },
    { line: 'b', unit: 'dozen' },
  ]
  const written = toNative(
    inShop,
    Basket,
    { lines },
    () => undefined,
    () => true,
    'shop',
    vocabulary,
  )
  expect(written.lists.Items).toEqual([{ Key: 'a', Unit: 'PC' }, { Key: 'b' }])
  expect(written.unknown).toEqual([{ table: 'units', system: 'shop', way: 'write', value: 'dozen' }])
})
