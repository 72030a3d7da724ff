// What plumb check finds in a project, and that a good one is let through.
import {
  always,
  becomes,
  type Calendar,
  type Contract,
  connector,
  contract,
  type Field,
  fill,
  type Instance,
  oneOf,
  type Project,
  project,
  question,
  ref,
  role,
  stages,
  type Tools,
  text,
  workflow,
} from '@plumbline/sdk'
import { expect, test } from 'vitest'
import { check } from './check.ts'

const Quote = contract('quote', {
  number: text('Number').ownedBy('crm'),
  status: oneOf('Status', 'draft', 'accepted').ownedBy('crm'),
})
const Order = contract(
  'order',
  {
    number: text('Number').ownedBy('erp'),
    quote: ref(Quote).ownedBy('crm'),
    status: stages('Status', 'open', 'shipped').ownedBy('erp'),
  },
  { bornBy: 'quote-to-cash', livesIn: { erp: always() }, match: 'number' },
)
const crm = role('crm', { holds: [Quote, Order] })
const erp = role('erp', { holds: [Order] })
const paper = connector(
  'paper',
  { settings: {}, connect: () => ({}), test: async () => true, clock: async () => '' },
  { concurrency: 1, longestCallMs: 1 },
)
  .object('quote', { fields: { number: text('Number'), status: text('Status') }, write: async () => [] })
  .object('order', {
    fields: { number: text('Number'), status: text('Status'), quote: text('Quote') },
    write: async () => [],
  })
const rules = (contract: string, fields: readonly string[]) => ({
  contract,
  object: contract,
  connector: paper,
  rules: {
    ...Object.fromEntries(['number', 'status', 'quote'].map(field => [field, { skip: 'not here' }])),
    ...Object.fromEntries(fields.map(field => [field, field])),
  },
  options: {},
})
const sales = fill(
  crm,
  'sales',
  paper,
  {},
  { mappings: [rules('quote', ['number', 'status']), rules('order', ['quote'])] },
)
const s4 = fill(erp, 's4', paper, {}, { mappings: [rules('order', ['number', 'status'])] })

const running = (run: (quote: never, tools: Tools) => Promise<void>) => ({
  ...workflow('quote-to-cash', {
    says: '',
    startsWhen: becomes(Quote, 'accepted'),
    checkpoints: ['Booked'],
    run: async () => undefined,
  }),
  run,
})
const sound: Project = project('sound', {
  contracts: [Quote, Order],
  roles: [crm, erp],
  systems: [sales, s4],
  workflows: [running(async () => undefined)],
})
const withRun = (run: (quote: never, tools: Tools) => Promise<void>): Project => ({
  ...sound,
  workflows: [running(run)],
})
const codes = (project: Project): string[] => check(project).map(finding => `${finding.code}: ${finding.where}`)

test('a sound project has no findings', () => {
  expect(check(sound)).toEqual([])
})

test('every finding says where, what and what to do', () => {
  const [finding] = check({ ...sound, systems: [sales] })
  expect(finding).toEqual({
    code: 'owner-unfilled',
    contract: 'order',
    field: 'number',
    where: 'contract order, field number',
    sentence: '"number" is owned by "erp", and no system fills that role.',
    todo: 'Fill the role (fill(erp, …)) or give the field another owner.',
  })
})

test('names stand once', () => {
  expect(codes({ ...sound, systems: [sales, s4, s4] })).toContain('name-twice: system s4')
})

test('who owns a field maps it', () => {
  const half = fill(erp, 's4', paper, {}, { mappings: [rules('order', ['number'])] })
  expect(codes({ ...sound, systems: [sales, half] })).toEqual(['owned-unmapped: contract order, field status, in s4'])
})

test('where a record lives, it is mapped', () => {
  const empty = fill(crm, 'sales', paper, {}, { mappings: [rules('quote', ['number', 'status'])] })
  const everywhere: Contract<string, typeof Order.fields> = {
    ...Order,
    options: { ...Order.options, livesIn: { crm: always(), moon: always() } },
  }
  expect(codes({ ...sound, contracts: [Quote, everywhere], systems: [empty, s4] })).toEqual([
    'owned-unmapped: contract order, field quote, in sales',
    'home-unmapped: contract order, lives in crm',
    'role-unknown: contract order, lives in moon',
  ])
})

test('what becomes of a record that is gone is said for roles that there are', () => {
  const gone: typeof Order = { ...Order, options: { ...Order.options, gone: { crm: 'close', moon: 'ignore' } } }
  expect(codes({ ...sound, contracts: [Quote, gone] })).toEqual(['role-unknown: contract order, gone from moon'])
})

test('fields and workflows that a contract names exist', () => {
  const vague: typeof Order = {
    ...Order,
    options: {
      bornBy: 'nobody',
      match: 'code',
      knownBy: ['title'],
      from: { of: 'quote', fields: { quote: 'ref', number: 'no', colour: 'number' } },
    },
  }
  expect(codes({ ...sound, contracts: [Quote, vague] })).toEqual([
    'birth-unknown: contract order',
    'match-unknown: contract order, match',
    'name-unknown: contract order, knownBy',
    'derivation-unknown: contract quote, derived into order',
    'derivation-unknown: contract order, from',
  ])
})

test('a workflow starts from a status that exists and names its own checkpoints', () => {
  const [known] = sound.workflows
  const lost = {
    ...known,
    startsWhen: { contract: 'quote', becomes: 'won' },
    within: { Shipped: '1 day' },
    worth: 'number',
  } as typeof known
  expect(codes({ ...sound, workflows: lost ? [lost] : [] })).toEqual([
    'trigger-unknown: workflow quote-to-cash',
    'checkpoint-unknown: workflow quote-to-cash, within',
    'worth-unknown: workflow quote-to-cash',
  ])
})

test('clock, network and random inside a workflow are refused; in a text or a comment they are only words', () => {
  const project = withRun(async (_, { step }) => {
    // fetch( is only a word here, and so is new Date( there:
    await step('Call new Date( and fetch(', () => 'Math.random()')
    await step('Ask', async () => (await fetch('http://x')).status)
    await step('When', () => `${Date.now()}`)
  })
  expect(codes(project)).toEqual(['world-inside: workflow quote-to-cash', 'world-inside: workflow quote-to-cash'])
  expect(check(project).map(finding => finding.sentence.slice(0, 18))).toEqual([
    'It uses fetch(), w',
    'It uses Date.now()',
  ])
})

test.each([
  ['a timer', () => setTimeout(() => undefined, 1)],
  ['Date()', () => Date()],
  ['performance.now()', () => performance.now()],
  ['Math.random()', () => [1, 2].map(Math.random)],
  ['a random value', () => crypto.randomUUID()],
  ['process.env', () => process.env.HOME],
  ['a connection of its own', () => new WebSocket('ws://x')],
])('%s inside a workflow is refused', (what, run) => {
  const project = withRun(async () => undefined)
  const [workflow] = project.workflows
  const other = workflow ? [{ ...workflow, run: run as unknown as typeof workflow.run }] : []
  expect(check({ ...project, workflows: other })).toMatchObject([
    { code: 'world-inside', sentence: expect.stringContaining(what) },
  ])
})

test('what only looks like the world is let through', () => {
  const project = withRun(async (quote: { fetched: string; Date: string }, { step }) => {
    const api = { fetch: () => 1, prefetch: () => 2 }
    await step('Look', () => `${quote.fetched} ${quote.Date} ${api.prefetch()} ${api.fetch()}`)
  })
  expect(check(project)).toEqual([])
})

test('a stage is not asked with equality; a plain status may be', () => {
  const project = withRun(async (quote: { status: string }, { stop }) => {
    const order = { status: { at: 'open' } }
    if (quote.status === 'accepted') return
    if (order.status.at === 'shipped') stop('too late')
  })
  expect(check(project)).toMatchObject([{ code: 'stage-equality', todo: "Ask status.reached('shipped')." }])
})

test('the other way round, one of several, and a switch are equality too', () => {
  const project = withRun(async (_, { stop }) => {
    const order = { status: { at: 'open' } }
    if ('shipped' === order.status.at) stop('too late')
    if (['open', 'shipped'].includes(order.status.at)) stop('too late')
    switch (order.status.at) {
      case 'shipped':
        stop('too late')
    }
  })
  expect(check(project).map(({ code, sentence }) => `${code}: ${sentence.split(';')[0]}`)).toEqual([
    expect.stringMatching(/^stage-equality: It asks "['"]shipped['"] === order.status.at"$/),
    'stage-equality: It asks "includes(order.status.at)"',
    'stage-equality: It asks "switch (order.status.at)"',
  ])
})

test('the same step twice needs what tells them apart', () => {
  const project = withRun(async (_, { step, ask, reach }) => {
    await step('Book', () => 1)
    await step('Book', () => 2)
    await ask('credit desk', 'One?', { answers: ['yes'], within: '1 day' })
    await ask('credit desk', 'Two?', { answers: ['yes'], within: '1 day' })
    await step('Ship', () => 1, { for: 'a' })
    await step('Ship', () => 2, { for: 'b' })
    reach('Paid')
  })
  expect(codes(project)).toEqual([
    'checkpoint-unknown: workflow quote-to-cash, reach',
    'step-twice: workflow quote-to-cash, step "Book"',
    'step-twice: workflow quote-to-cash, step "Ask the credit desk"',
  ])
})

test('an instance says how it answers what its role is asked', () => {
  const asked = role('erp', { holds: [Order], answers: [question('credit', {}, {})] })
  expect(codes({ ...sound, roles: [crm, asked] })).toEqual(['answer-missing: system s4'])
})

test('a question is answered by somebody', () => {
  const oracle = role('oracle', { holds: [], answers: [question('weather', {}, {})] })
  expect(check({ ...sound, roles: [crm, erp, oracle] })).toMatchObject([
    { code: 'answer-missing', where: 'role oracle', todo: 'Fill the role (fill(oracle, …)).' },
  ])
})

test('an answer is one that the connector knows', () => {
  const asked = role('erp', { holds: [Order], answers: [question('credit', {}, {})] })
  const told = { ...s4, answers: [{ question: 'credit', native: 'creditCheck', refs: [] }] }
  expect(codes({ ...sound, roles: [crm, asked], systems: [sales, told] })).toEqual(['answer-missing: system s4'])
})

const other = { ...s4, instance: 'other' }
const legalEntity = text('Legal entity')
const routedBy = (field: Record<string, Field<unknown>>): typeof Order => ({
  ...Order,
  fields: { ...Order.fields, ...field },
  options: { ...Order.options, livesIn: { erp: { lives: 'routed' } } },
})
const mappedToo = (system: Instance): Instance => ({
  ...system,
  mappings: system.mappings.map(one => ({ ...one, rules: { ...one.rules, legalEntity: { skip: 'not there' } } })),
})

test('of several systems of a role a route says which is given a record, and which is asked', () => {
  const both = { ...sound, contracts: [Quote, routedBy({})], systems: [sales, s4, other] }
  expect(codes(both)).toEqual(['route-missing: contract order, lives in erp'])
  const asked = role('erp', { holds: [Order], answers: [question('credit', {}, {})] })
  const answering = [s4, other].map(one => ({
    ...one,
    answers: [{ question: 'credit', native: 'creditCheck', refs: [] }],
  }))
  expect(codes({ ...sound, roles: [crm, asked], systems: [sales, ...answering] })).toContain(
    'route-missing: role erp, route',
  )
})

test('a route leads to systems of its role, to each of them, and by a value to one', () => {
  const routed = (whenEmpty: string, ...systems: Instance[]) =>
    codes({ ...sound, systems: [sales, ...systems], routes: [{ role: 'erp', by: 'legalEntity', whenEmpty }] })
  expect(routed('sales', { ...s4, serves: ['DE'] })).toEqual(['route-unknown: role erp, route'])
  expect(routed('s4', s4, other)).toEqual(['route-idle: role erp, route'])
  expect(routed('s4', { ...s4, serves: ['DE'] }, { ...other, serves: ['US', 'DE'] })).toEqual([
    'route-ambiguous: role erp, route',
  ])
  expect(routed('s4', s4, { ...other, serves: ['US'] })).toEqual([])
})

test('what decides where a record is born is there, and stays as it was', () => {
  const systems = [sales, s4, { ...other, serves: ['US'] }].map(mappedToo)
  const routes = [{ role: 'erp', by: 'legalEntity', whenEmpty: 's4' }]
  const found = (field: Record<string, Field<unknown>>) =>
    codes({ ...sound, contracts: [Quote, routedBy(field)], systems, routes }).filter(code => code.startsWith('route'))
  expect(found({})).toEqual(['route-field-missing: contract order, route'])
  expect(found({ legalEntity: legalEntity.ownedBy('crm') })).toEqual([
    'route-unsettled: contract order, field legalEntity',
  ])
  expect(found({ legalEntity: legalEntity.settledAtBirth() })).toEqual([])
})

test('a system brings its own words only of tables that there are', () => {
  expect(codes({ ...sound, systems: [sales, { ...s4, words: { terms: { 'net 30': 'N30' } } }] })).toEqual([
    'words-unknown: system s4',
  ])
})

test('working days can be counted, and by the calendar of one role', () => {
  const kept = (system: Instance, calendar: Calendar): Instance => ({ ...system, calendar })
  const found = (...systems: Instance[]): string[] =>
    check({ ...sound, systems }).map(({ code, where, sentence }) => `${code}: ${where}: ${sentence}`)
  const berlin: Calendar = { zone: 'Europe/Berlin', holidays: ['2028-02-29'] }
  const weekend = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
  expect(found(sales, kept(s4, berlin))).toEqual([])
  expect(found(sales, kept(s4, { zone: 'Europe/Berln', holidays: ['2027-02-29'] }))).toEqual([
    'calendar-zone: system s4, calendar: Its calendar goes by the clocks of "Europe/Berln", which is no time zone.',
    'calendar-holiday: system s4, calendar: Its calendar has the holiday "2027-02-29", which is no day.',
  ])
  expect(found(sales, kept(s4, { ...berlin, weekend }))).toEqual([
    'calendar-idle: system s4, calendar: Its calendar has no working day, so what is due in working days would never be due.',
  ])
  expect(found(kept(sales, berlin), kept(s4, berlin))).toEqual([
    'calendar-ambiguous: role erp, calendar: Both "sales" of the role "crm" and "s4" of the role "erp" have a calendar, and a journey counts working days by one.',
  ])
})
