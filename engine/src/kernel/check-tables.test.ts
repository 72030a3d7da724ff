// A project's value tables are found wanting before anything runs.
import {
  connector,
  contract,
  fill,
  id,
  mapping,
  objectOf,
  project,
  role,
  table,
  text,
  type ValueTable,
  type WordTable,
  whereFound,
} from '@plumbline/sdk'
import { expect, test } from 'vitest'
import { check } from './check.ts'

const Buyer = contract('buyer', { terms: text('Terms').ownedBy('crm') }, { livesIn: { crm: whereFound() } })
const crm = role('crm', { holds: [Buyer] })
const sales = connector(
  'sales',
  { settings: {}, connect: () => ({}), test: async () => true, clock: async () => '' },
  { concurrency: 1, longestCallMs: 1 },
).object('Account', { fields: { Id: id(), Terms: text('Terms') } })

const found = (used: WordTable, tables: readonly ValueTable[]) =>
  check(
    project('buyers', {
      contracts: [Buyer],
      roles: [crm],
      systems: [
        fill(
          crm,
          'shop',
          sales,
          {},
          {
            mappings: [mapping(Buyer, objectOf(sales, 'Account'), { terms: { field: 'Terms', table: used } })],
          },
        ),
      ],
      workflows: [],
      tables,
    }),
  )
const terms = (starts: ValueTable['starts'], keptBy = 'finance') =>
  table('terms', { keptBy, says: 'When an invoice is to be paid', starts })

test('a table that is used, listed and kept is fine', () => {
  const fine = terms({ shop: { 'net 30': ['Net 30', '30 days'] } })
  expect(found(fine, [fine])).toEqual([])
})

test('a table that no mapping uses, and one that is not listed', () => {
  const used = terms({})
  const other = table('units', { keptBy: 'logistics', says: 'Units' })
  expect(found(used, [other]).map(({ code, where }) => [code, where])).toEqual([
    ['table-unused', 'table units'],
    ['table-unlisted', 'table terms'],
  ])
})

test('a desk without a name', () => {
  const used = terms({}, ' ')
  expect(found(used, [used])).toMatchObject([{ code: 'table-unkept', todo: "Name the desk: keptBy: '…'." }])
})

test('a word that stands for two values, and words of nobody', () => {
  const used = terms({ shop: { 'net 30': 'Net 30', 'net 31': ['Net 31', 'Net 30'] }, store: { 'net 30': 'NT30' } })
  expect(found(used, [used])).toMatchObject([
    { code: 'table-system-unknown', todo: 'Name one of: shop.' },
    {
      code: 'table-ambiguous',
      where: 'table terms, in shop',
      sentence: '"Net 30" stands for "net 30" and "net 31", and only one of them could be read.',
    },
  ])
})
