// A value of ours may stand for several of a system's: each is read, the first is written.
import { connector, contract, id, mapping, objectOf, oneOf } from '@plumbline/sdk'
import { expect, test } from 'vitest'
import { toContract, toNative } from '../src/translate/native.ts'

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
