// What plumb check finds when contracts and systems do not fit: fields that nobody speaks of, picklists that differ, gaps.
import {
  always,
  type Contract,
  connector,
  contract,
  count,
  derive,
  type Fields,
  fill,
  id,
  linesOf,
  listOf,
  type Mapping,
  mapping,
  objectOf,
  oneOf,
  project,
  ref,
  role,
  stages,
  text,
  when,
  whereFound,
} from '@plumbline/sdk'
import { expect, test } from 'vitest'
import { check, type Schemas } from './check.ts'
import type { Finding } from './finding.ts'

// ---- a small shop: quotes in the CRM, orders in both

const untilBooked = { until: 'booked', then: 'erp', later: 'change request' } as const
const Quote = contract(
  'quote',
  {
    number: text('Number').ownedBy('crm'),
    status: oneOf('Status', 'draft', 'accepted').ownedBy('crm'),
    note: text('Note').ownedBy('crm').optional(),
  },
  { livesIn: { crm: whereFound() } },
)
const Order = contract(
  'order',
  {
    number: text('Number').ownedBy('erp').optional(),
    quote: ref(Quote).ownedBy('crm'),
    status: stages('Status', 'open', 'booked').ownedBy('erp'),
    note: text('Note').ownedBy('crm', untilBooked).optional(),
    lines: linesOf('Lines', { keyedBy: 'line' }, { quantity: count('Quantity').ownedBy('crm', untilBooked) }),
  },
  {
    from: derive(Quote, { quote: 'ref', note: 'note' }),
    livesIn: { erp: always(), crm: always() },
    desk: 'order desk',
  },
)

const writes = { write: async () => [] }
const spec = { settings: {}, connect: () => ({}), test: async () => true, clock: async () => '' }
const org = connector('salesforce', spec, { concurrency: 1, longestCallMs: 1 })
  .object('Quote', {
    fields: {
      Id: id(),
      Number: text('Number'),
      Status: oneOf('Status', 'Draft', 'Review', 'Accepted'),
      Note__c: text('Note'),
    },
    ...writes,
  })
  .object('Order', {
    fields: {
      Id: id(),
      ErpNumber__c: text('ERP Number'),
      QuoteId: text('Quote'),
      Status__c: oneOf('Status', 'Draft', 'Activated'),
      Note__c: text('Note'),
      Items: listOf('Items', { Id: id(), Quantity: count('Quantity') }),
    },
    entries: { Items: 'OrderItem' },
    ...writes,
  })
const sap = connector('sap', spec, { concurrency: 1, longestCallMs: 1 })
  .object('SalesOrder', {
    fields: {
      SalesOrder: text('Number'),
      Phase: text('Phase'),
      Text: text('Text'),
      to_Item: listOf('Items', { Item: id(), Quantity: count('Quantity') }),
    },
    ...writes,
  })
  .object('Archive', { fields: { SalesOrder: text('Number'), Phase: text('Phase'), Text: text('Text') } })

const quoteInSales = mapping(Quote, objectOf(org, 'Quote'), {
  number: 'Number',
  status: { field: 'Status', values: { draft: ['Draft', 'Review'], accepted: 'Accepted' } },
  note: 'Note__c',
})
const orderInSales = {
  contract: 'order',
  object: 'Order',
  connector: org,
  rules: {
    number: 'ErpNumber__c',
    quote: 'QuoteId',
    status: { field: 'Status__c', values: { open: 'Draft', booked: 'Activated' } },
    note: 'Note__c',
    lines: { each: 'Items', id: 'Id', fields: { quantity: 'Quantity' } },
  },
  options: {},
} satisfies Mapping
const orderInErp = {
  contract: 'order',
  object: 'SalesOrder',
  connector: sap,
  rules: {
    number: 'SalesOrder',
    quote: { skip: 'it lives in the CRM' },
    status: { from: ['Phase'], read: () => 'booked' },
    note: 'Text',
    lines: { each: 'to_Item', id: 'Item', fields: { quantity: 'Quantity' } },
  },
  options: {},
} satisfies Mapping

const crm = role('crm', { holds: [Quote, Order] })
const erp = role('erp', { holds: [Order] })

type Parts = {
  quote?: Contract<string, Fields>
  order?: Contract<string, Fields>
  inSales?: readonly Mapping[]
  inErp?: readonly Mapping[]
  schemas?: Schemas
}

const found = ({ quote = Quote, order = Order, inSales, inErp, schemas }: Parts): Finding[] =>
  check(
    {
      ...project('shop', { contracts: [Quote, Order], roles: [crm, erp], systems: [], workflows: [] }),
      contracts: [quote, order],
      systems: [
        fill(crm, 'sales', org, {}, { mappings: inSales ?? [quoteInSales, orderInSales] }),
        fill(erp, 'sap', sap, {}, { mappings: inErp ?? [orderInErp] }),
      ],
    },
    schemas,
  )
const codes = (parts: Parts): string[] => found(parts).map(({ code, where }) => `${code}: ${where}`)
const withFields = (of: typeof Order | typeof Quote, fields: Fields): Contract<string, Fields> => ({
  ...of,
  fields: { ...of.fields, ...fields },
})
const withRules = (of: Mapping, rules: Mapping['rules']): Mapping => ({ ...of, rules: { ...of.rules, ...rules } })

test('the shop is well', () => {
  expect(found({})).toEqual([])
})

// ---- fields

test('a new field is missed where its owner is, and where it is only held', () => {
  const order = withFields(Order, { colour: text('Colour').ownedBy('crm') })
  expect(found({ order })).toMatchObject([
    {
      code: 'owned-unmapped',
      contract: 'order',
      field: 'colour',
      system: 'sales',
      sentence:
        '"colour" is owned by "crm", but the system "sales" does not map it, so it never gets a value from there.',
    },
    {
      code: 'field-unmapped',
      contract: 'order',
      field: 'colour',
      system: 'sap',
      sentence: '"sap" holds order as SalesOrder, and its mapping says nothing of "colour".',
      todo: "Map the field there, or write colour: { skip: 'why it is not there' }.",
    },
  ])
})

test('a field of lines is missed too, and lines that are not mapped at all are told of once', () => {
  const { lines: _, ...withoutLines } = orderInErp.rules
  const bare = withRules(orderInErp, {
    lines: { each: 'to_Item', id: 'Item', fields: {} },
  })
  expect(codes({ inErp: [bare] })).toEqual(['owned-unmapped: contract order, field lines.quantity, in sap'])
  expect(codes({ inErp: [{ ...orderInErp, rules: withoutLines }] })).toEqual([
    'field-unmapped: contract order, field lines, in sap',
    'owned-unmapped: contract order, field lines.quantity, in sap',
  ])
})

test('an owner who skips the field, or only writes it once, is never heard', () => {
  for (const rule of [{ skip: 'later' }, { createOnly: 'Number' }] as const)
    expect(codes({ inSales: [withRules(quoteInSales, { number: rule }), orderInSales] })).toEqual([
      'owned-unmapped: contract quote, field number, in sales',
    ])
})

test('a field without an owner is found, also where the compiler was not asked', () => {
  const quote = withFields(Quote, { number: text('Number') })
  expect(found({ quote })).toMatchObject([{ code: 'field-unowned', contract: 'quote', field: 'number' }])
})

test('a system that is to be given a field cannot just read it', () => {
  const read = { from: ['Text'], read: () => 'x' } as const
  expect(found({ inErp: [withRules(orderInErp, { note: read })] })).toMatchObject([
    { code: 'not-written', field: 'note', system: 'sap' },
  ])
  const oneWay = { field: 'Text', read: () => 'x' } as const
  expect(codes({ inErp: [withRules(orderInErp, { note: oneWay })] })).toEqual([
    'not-written: contract order, field note, in sap',
  ])
})

test('an object that the connector only reads is given nothing', () => {
  const archived = { ...orderInErp, object: 'Archive', rules: { ...orderInErp.rules, lines: { skip: 'no lines' } } }
  expect(codes({ inErp: [archived] })).toContain('not-written: contract order, field note, in sap')
})

test('ownership passes on at a stage that there is', () => {
  const order = withFields(Order, {
    note: text('Note')
      .ownedBy('crm', { ...untilBooked, until: 'sold' })
      .optional(),
  })
  expect(found({ order })).toMatchObject([
    { code: 'hand-over-unknown', field: 'note', todo: 'Name one of: open, booked.' },
  ])
})

test('what becomes a change request is a question to somebody', () => {
  const { desk: _, ...options } = Order.options
  expect(codes({ order: { ...Order, options } })).toEqual([
    'desk-missing: contract order, field note',
    'desk-missing: contract order, field lines.quantity',
  ])
})

test('whoever may own a field as the record stands is heard about it', () => {
  const order = withFields(Order, {
    note: text('Note')
      .ownedBy('crm', {
        when: (order: { number: string | undefined }) => order.number === undefined,
        otherwise: 'desk',
      })
      .optional(),
  })
  expect(found({ order })).toMatchObject([{ code: 'owner-unfilled', field: 'note' }])
})

test('what both records have is taken over, or is said not to be', () => {
  const order = (fields: Readonly<Record<string, string | null>>): Contract<string, Fields> => ({
    ...Order,
    options: { ...Order.options, from: { of: 'quote', fields } },
  })
  expect(found({ order: order({ quote: 'ref' }) })).toMatchObject([
    {
      code: 'derivation-gap',
      contract: 'order',
      field: 'note',
      todo: "Write note: 'note' in derive(…), or note: null where it is not meant to be.",
    },
  ])
  expect(found({ order: order({ quote: 'ref', note: null }) })).toEqual([])
})

// ---- contracts and homes

test('what is mapped, pointed to or held is a contract of the project, and is mapped once', () => {
  const strange = { ...orderInErp, contract: 'parcel' }
  expect(codes({ inErp: [orderInErp, { ...strange, object: 'Archive' }] })).toEqual(['contract-unknown: system sap'])
  expect(codes({ inErp: [orderInErp, orderInErp] })).toEqual(['name-twice: system sap'])
  const order = withFields(Order, { quote: ref({ contract: 'offer' }).ownedBy('crm') })
  expect(codes({ order })).toEqual(['contract-unknown: contract order, field quote'])
})

test('a role that holds a contract has it mapped in each of its systems', () => {
  expect(codes({ inSales: [orderInSales] })).toContain('home-unmapped: contract quote, lives in crm')
})

test('whether a record lives somewhere is not asked with equality, nor of the clock', () => {
  const order = (test: (order: { status: { at: string } }) => boolean): Contract<string, Fields> => ({
    ...Order,
    options: { ...Order.options, livesIn: { erp: always(), crm: when(test) } },
  })
  expect(found({ order: order(one => one.status.at === 'booked') })).toMatchObject([
    { code: 'stage-equality', where: 'contract order, lives in crm', todo: "Ask status.reached('booked')." },
  ])
  expect(codes({ order: order(() => Date.now() > 0) })).toEqual(['world-inside: contract order, lives in crm'])
})

// ---- names in the systems

test('objects and fields that a mapping names are there', () => {
  expect(codes({ inErp: [{ ...orderInErp, object: 'Order' }] })).toContain('native-unknown: contract order, in sap')
  expect(found({ inErp: [withRules(orderInErp, { note: 'Remark' })] })).toMatchObject([
    {
      code: 'native-unknown',
      sentence: 'It is mapped to SalesOrder.Remark, which is not among the fields of SalesOrder here.',
    },
  ])
})

const schemas = (order: Record<string, { values?: string[] }>): Schemas => ({
  salesforce: {
    in: 'salesforce.metadata.json',
    isTold: field => field.endsWith('__c'),
    objects: { Quote: { Note__c: {} }, Order: order },
  },
})
const asThere = { ErpNumber__c: {}, Note__c: {}, Status__c: { values: ['Draft', 'Activated'] } }

test('where the org is known, its custom fields are there', () => {
  expect(found({ schemas: schemas(asThere) })).toEqual([])
  const { Note__c: _, ...without } = asThere
  expect(found({ schemas: schemas(without) })).toMatchObject([
    {
      code: 'native-unknown',
      contract: 'order',
      system: 'sales',
      sentence: 'It is mapped to Order.Note__c, and salesforce.metadata.json has no such field.',
    },
  ])
})

// ---- values

test('every value of the contract has a counterpart', () => {
  const rule = { field: 'Status__c', values: { open: 'Draft' } }
  expect(found({ inSales: [quoteInSales, withRules(orderInSales, { status: rule })] })).toMatchObject([
    {
      code: 'value-unmapped',
      field: 'status',
      system: 'sales',
      sentence: '"booked" has no counterpart in Order.Status__c.',
    },
  ])
})

test('a value that is written is in the picklist, as the project describes it and as the org has it', () => {
  const rule = { field: 'Status__c', values: { open: 'Draft', booked: 'Booked' } }
  expect(found({ inSales: [quoteInSales, withRules(orderInSales, { status: rule })] })).toMatchObject([
    {
      code: 'value-unknown',
      sentence: '"Booked" is mapped to Order.Status__c, and is not among the values of that field here.',
      todo: 'Use one of: Draft, Activated; or add the value to the picklist.',
    },
  ])
  expect(found({ schemas: schemas({ ...asThere, Status__c: { values: ['Draft', 'Active'] } }) })).toMatchObject([
    {
      code: 'value-unknown',
      sentence:
        '"Activated" is mapped to Order.Status__c, and is not in the picklist that salesforce.metadata.json has.',
    },
  ])
})

test('every value of the owner is understood, whether a table or a function reads it', () => {
  const table = { field: 'Status', values: { draft: 'Draft', accepted: 'Accepted' } }
  const sentence =
    'A record whose Quote.Status is "Review" would not be understood: no value of "status" stands for it.'
  expect(found({ inSales: [withRules(quoteInSales, { status: table }), orderInSales] })).toMatchObject([
    {
      code: 'native-value-unmapped',
      sentence,
      todo: 'Say which of draft, accepted it means, or add a value to the contract.',
    },
  ])
  const read = (value: string) => ({ Draft: 'draft', Accepted: 'accepted' })[value]
  const byFunction = withRules(quoteInSales, { status: { field: 'Status', read } as Mapping['rules'][string] })
  expect(found({ inSales: [byFunction, orderInSales] })).toMatchObject([{ code: 'native-value-unmapped', sentence }])
})
