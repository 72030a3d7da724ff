// What an author writes becomes plain values that the engine reads: fields, contracts, questions, workflows, projects.
import {
  always,
  answers,
  becomes,
  connector,
  contract,
  count,
  type Duration,
  day,
  derive,
  fact,
  fill,
  id,
  isInWorkingDays,
  linesOf,
  listOf,
  lookup,
  mapping,
  milliseconds,
  money,
  objectOf,
  oneOf,
  project,
  question,
  ref,
  role,
  route,
  routed,
  stages,
  text,
  type WorkingDays,
  when,
  whereFound,
  workflow,
  workingDays,
  yesNo,
} from '@plumbline/sdk'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const Customer = contract('customer', { name: text('Name').ownedBy('crm') }, { knownBy: ['name'] })
const Order = contract(
  'order',
  {
    customer: ref(Customer, 'Sold to').ownedBy('crm'),
    status: stages('Status', 'open', 'booked', 'shipped').ownedBy('erp'),
    quantity: count('Quantity').ownedBy('crm', { until: 'booked', then: 'erp', later: 'refuse' }),
  },
  { livesIn: { crm: always(), erp: routed() } },
)
const CreditCheck = question(
  'credit check',
  { customer: ref(Customer), amount: money('Amount') },
  { approved: yesNo('Approved') },
)
const crm = role('crm', { holds: [Customer, Order] })
const erp = role('erp', { holds: [Customer, Order], answers: [CreditCheck] })

describe('Durations', () => {
  test('are counted in the unit they name', () => {
    expect(milliseconds('1 second')).toBe(1_000)
    expect(milliseconds('90 seconds')).toBe(90_000)
    expect(milliseconds('5 minutes')).toBe(300_000)
    expect(milliseconds('1 hour')).toBe(3_600_000)
    expect(milliseconds('2 days')).toBe(172_800_000)
  })

  test('one and many are the same unit', () => {
    const units = ['second', 'minute', 'hour', 'day'] as const
    fc.assert(
      fc.property(fc.nat(100_000), fc.constantFrom(...units), (n, unit) => {
        expect(milliseconds(`${n} ${unit}s`)).toBe(n * milliseconds(`1 ${unit}`))
      }),
    )
  })

  test.each(['soon', '2', '2 weeks', 'x days', ''])('"%s" is none', duration => {
    expect(() => milliseconds(duration as Duration)).toThrow(`"${duration}" is not a duration`)
  })

  test('working days are counted as they are written, and are no time of their own', () => {
    expect(workingDays('1 working day')).toBe(1)
    expect(workingDays('20 working days')).toBe(20)
    expect([isInWorkingDays('2 working days'), isInWorkingDays('2 days')]).toEqual([true, false])
    expect(() => milliseconds('2 working days' as Duration)).toThrow('"2 working days" is not a duration')
  })

  test.each(['0 working days', '-1 working days', 'some working days'])('%s are none', deadline => {
    expect(() => workingDays(deadline as WorkingDays)).toThrow(`"${deadline}" is no number of working days`)
  })
})

describe('Fields', () => {
  test('say what they are, and whose', () => {
    expect(text('Name').ownedBy('crm')).toMatchObject({ kind: 'text', label: 'Name', owner: 'crm', isOptional: false })
    expect(oneOf('Colour', 'red', 'blue')).toMatchObject({ kind: 'oneOf', values: ['red', 'blue'] })
    expect(ref(Customer)).toMatchObject({ kind: 'ref', to: 'customer', label: 'customer' })
  })

  test('keep everything said of them, in any order', () => {
    const said = { owner: 'crm', isOptional: true, isPersonal: true }
    expect(text('Name').ownedBy('crm').optional().personal()).toMatchObject(said)
    expect(text('Name').personal().optional().ownedBy('crm')).toMatchObject(said)
  })

  test('saying more of a field leaves the field alone', () => {
    const name = text('Name')
    name.optional()
    expect(name.isOptional).toBe(false)
  })

  test('ownership may pass on at a stage', () => {
    expect(Order.fields.quantity).toMatchObject({ owner: 'crm', handOver: { until: 'booked', then: 'erp' } })
  })

  test('lines have a key and fields of their own', () => {
    const lines = linesOf('Lines', { keyedBy: 'line', extras: 'erp' }, { quantity: count('Quantity').ownedBy('crm') })
    expect(lines).toMatchObject({ kind: 'lines', lines: { keyedBy: 'line', extras: 'erp' } })
    expect(lines.of?.quantity).toMatchObject({ kind: 'count', owner: 'crm' })
  })
})

describe('Contracts', () => {
  test('are states, unless they are facts', () => {
    expect(Order.nature).toBe('state')
    expect(fact('payment', { amount: money('Amount').ownedBy('erp') }).nature).toBe('fact')
  })

  test('a record lives always, where a route leads, where it was found, or when a test holds', () => {
    expect([always(), routed(), whereFound()].map(one => one.lives)).toEqual(['always', 'routed', 'where found'])
    const booked = when((order: { booked: boolean }) => order.booked)
    expect(booked).toMatchObject({ lives: 'when' })
    expect('test' in booked && [booked.test({ booked: true }), booked.test({ booked: false })]).toEqual([true, false])
  })

  test('a derivation names the other record and its fields', () => {
    expect(derive(Order, { buyer: 'customer', origin: 'ref', number: null })).toEqual({
      of: 'order',
      fields: { buyer: 'customer', origin: 'ref', number: null },
    })
  })
})

describe('Workflows', () => {
  test('start when a status is reached', () => {
    expect(becomes(Order, 'booked')).toEqual({ contract: 'order', becomes: 'booked' })
  })

  test('are plain values with a run', () => {
    const shipping = workflow('shipping', {
      says: 'Ships what was booked',
      startsWhen: becomes(Order, 'booked'),
      checkpoints: ['Booked', 'Shipped'],
      async run(_order, { reach }) {
        reach('Booked')
      },
    })
    expect(shipping).toMatchObject({ workflow: 'shipping', checkpoints: ['Booked', 'Shipped'], within: {} })
  })

  test('a question put to a role is data; nothing is asked yet', () => {
    const customer = { contract: 'customer', id: 'customer-1' } as const
    const amount = { amount: '100.00', currency: 'EUR' }
    expect(erp.ask(CreditCheck, { customer, amount })).toEqual({
      asked: 'credit check',
      role: 'erp',
      question: { customer, amount },
    })
  })
})

describe('Questions', () => {
  const lines = listOf('Lines', {
    product: ref(Customer),
    quantity: count('Quantity'),
    wanted: day('Wanted').optional(),
  })
  const Price = question('price', { customer: ref(Customer), lines }, { net: money('Net') }, { cache: '30 seconds' })

  test('say how long is waited for an answer, and how old it may be', () => {
    expect(Price).toMatchObject({ within: '10 seconds', cache: '30 seconds' })
    expect(CreditCheck).toMatchObject({ within: '10 seconds' })
    expect(CreditCheck.cache).toBeUndefined()
  })

  test('name the refs that become native ids, in the entries of lists too', () => {
    const native = connector(
      'a-system',
      { settings: {}, connect: () => ({}), test: async () => undefined, clock: async () => '2026-01-01T00:00:00.000Z' },
      { concurrency: 1, longestCallMs: 1_000 },
    ).question('price', {
      asks: {
        customer: lookup('Account'),
        lines: listOf('Lines', {
          product: lookup('Product'),
          quantity: count('Quantity'),
          wanted: day('Wanted').optional(),
        }),
      },
      answers: { net: money('Net') },
      run: async () => ({ net: { amount: '1.00', currency: 'EUR' } }),
    })
    expect(answers(Price, native, 'price').refs).toEqual(['customer', 'lines.product'])
  })

  test('leave out what is optional', () => {
    const seller = role('seller', { holds: [], answers: [Price] })
    const customer = { contract: 'customer', id: 'customer-1' } as const
    const asked = seller.ask(Price, { customer, lines: [{ product: customer, quantity: 1 }] })
    expect(asked.question).toEqual({ customer, lines: [{ product: customer, quantity: 1 }] })
  })
})

describe('Systems', () => {
  const system = connector(
    'a-system',
    {
      settings: { url: text('Address') },
      connect: () => ({}),
      test: async () => undefined,
      clock: async () => '2026-01-01T00:00:00.000Z',
    },
    { concurrency: 2, longestCallMs: 1_000 },
  )
    .object('Account', { fields: { Id: id(), Name: text('Name') } })
    .object('Order', { fields: { Id: id(), Items: listOf('Items', { Id: id() }) } })

  test('a connector gathers its objects; each addition is a new value', () => {
    expect(Object.keys(system.objects)).toEqual(['Account', 'Order'])
    expect(Object.keys(system.object('Invoice', { fields: { Id: id() } }).objects)).toHaveLength(3)
    expect(Object.keys(system.objects)).toHaveLength(2)
  })

  test('a mapping ties a contract to an object', () => {
    const customer = mapping(Customer, objectOf(system, 'Account'), { name: 'Name' })
    expect(customer).toMatchObject({ contract: 'customer', object: 'Account', rules: { name: 'Name' }, options: {} })
  })

  test('a project lists what there is', () => {
    const eu = fill(erp, 'eu', system, { url: 'http://localhost' }, { mappings: [] })
    const more = { mappings: [], limits: { perSecond: 5 }, serves: ['US'], words: { terms: { 'net 30': 'N30' } } }
    const us = fill(erp, 'us', system, { url: 'http://localhost' }, more)
    const acme = project('acme', {
      contracts: [Customer, Order],
      roles: [crm, erp],
      systems: [eu, us],
      routes: [route(erp, { by: 'country', whenEmpty: 'eu' })],
      workflows: [],
    })
    expect(acme.routes).toEqual([{ role: 'erp', by: 'country', whenEmpty: 'eu' }])
    expect(acme.systems.map(one => [one.instance, one.role, one.limits, one.serves, one.words])).toEqual([
      ['eu', 'erp', undefined, undefined, undefined],
      ['us', 'erp', { perSecond: 5 }, ['US'], { terms: { 'net 30': 'N30' } }],
    ])
  })
})
