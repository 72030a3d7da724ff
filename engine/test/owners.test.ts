// The matrix of owners, from the project alone: every way in which a field may be owned, kept, shown or left out, in words.
import {
  contract,
  fill,
  linesOf,
  mapping,
  objectOf,
  project,
  role,
  stages,
  table,
  text,
  when,
  whereFound,
} from '@plumbline/sdk'
import { expect, test } from 'vitest'
import { ownersOf, schemaOf } from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'

const Colours = table('colours', { keptBy: 'design', says: 'What a colour is called' })
const Deal = contract(
  'deal',
  {
    channel: text('Channel').ownedBy('crm'),
    status: stages('Status', 'open', 'booked').ownedBy('erp'),
    discount: text('Discount').ownedBy('crm', {
      when: (deal: { channel: string | undefined }) => deal.channel === 'partner',
      otherwise: 'erp',
      others: 'refuse',
    }),
    phone: text('Phone').sharedBy(['crm', 'erp'], { agreed: 'latest', because: 'both sides talk to the customer' }),
    colour: text('Colour').ownedBy('crm').optional(),
    price: text('Price').ownedBy('crm', { until: 'booked', then: 'erp', later: 'put right' }),
    lines: linesOf('Parts', { keyedBy: 'line', extras: 'erp' }, { name: text('Name').ownedBy('crm') }),
  },
  {
    livesIn: { crm: whereFound(), erp: when((deal: { channel: string | undefined }) => deal.channel !== 'web') },
    gone: { erp: 'close' },
    desk: 'deal desk',
    standards: { channel: { ubl: 'Channel' } },
  },
)
const Elsewhere = contract('elsewhere', { name: text('Name').ownedBy('crm') }, { livesIn: { crm: whereFound() } })
const crm = role('crm', { holds: [Deal, Elsewhere] })
const erp = role('erp', { holds: [Deal] })
const shelf = shelfConnector(new Shelf())
const lines = { skip: 'parts are nobody’s concern there' } as const
const inCrm = mapping(
  Deal,
  objectOf(shelf, 'Thing'),
  {
    channel: 'Child',
    status: { from: ['State'], read: ({ State }) => (State === 'booked' ? 'booked' : 'open') },
    discount: 'Price',
    phone: 'Number',
    colour: { field: 'Note', table: Colours },
    price: 'Wanted',
    lines,
  },
  { says: 'Says' },
)
const inErp = mapping(Deal, objectOf(shelf, 'Thing'), {
  channel: { createOnly: 'Child' },
  status: { field: 'State', values: { open: 'open', booked: 'booked' } },
  discount: 'Price',
  phone: 'Number',
  colour: { skip: 'the ERP is colour-blind' },
  price: 'Wanted',
  lines,
})
const deals = project('deals', {
  contracts: [Deal, Elsewhere],
  roles: [crm, erp],
  systems: [fill(crm, 'sales', shelf, {}, { mappings: [inCrm] }), fill(erp, 'books', shelf, {}, { mappings: [inErp] })],
  tables: [Colours],
  workflows: [],
})

const owners = ownersOf(deals)
const deal = owners.contracts[0]
const field = (name: string) => deal?.fields.find(one => one.field === name)
const says = (name: string): (string | undefined)[] => [
  field(name)?.ownedBy,
  ...(field(name)?.cells.map(cell => cell.says) ?? []),
]

test('whose a field is, and what each role does with it', () => {
  expect(says('channel')).toEqual(['The CRM', 'owns', 'is told once, at its creation'])
  expect(says('status')).toEqual(['The ERP', 'works it out by itself', 'owns'])
  expect(says('colour')).toEqual(['The CRM', 'owns', 'not kept: the ERP is colour-blind'])
  expect(says('price')).toEqual([
    'The CRM until booked, then the ERP; later edits are put right',
    'owns until booked',
    'owns from booked on',
  ])
  expect(says('lines')[0]).toBe('Field by field; lines that the ERP adds, such as freight, are welcome')
})

test('ownership that depends on the record says on what, and a field that nobody owns says why', () => {
  // A compiler may have written the quotes of the source otherwise.
  expect(says('discount')[0]).toMatch(
    /^The CRM while this holds: deal\.channel === .partner., otherwise the ERP; others' edits are refused$/,
  )
  expect(says('phone')[0]).toMatch(/^Shared by the CRM and the ERP: .*because both sides talk to the customer$/)
  expect(field('phone')).toMatchObject({ owner: null, shared: { roles: ['crm', 'erp'], agreed: 'latest' } })
})

test('where it lives, what its disappearance means, who is asked, and where an edit is answered', () => {
  expect(deal).toMatchObject({
    bornBy: 'Whoever enters it in the CRM',
    desk: 'deal desk',
    presence: [
      {
        called: 'the CRM',
        lives: 'where somebody entered it',
        whenGone: 'nothing changes elsewhere',
        saysIn: ['Thing.Says'],
      },
      {
        called: 'the ERP',
        lives: expect.stringMatching(/^while this holds: deal\.channel !== .web.$/),
        whenGone: 'it is closed elsewhere',
      },
    ],
  })
  expect(owners.contracts[1]?.presence[1]).toMatchObject({ holds: false, lives: 'never' })
})

test('each system says where it keeps the value, and by which table', () => {
  expect(field('colour')?.cells.flatMap(cell => cell.systems)).toMatchObject([
    { system: 'sales', keptIn: ['Thing.Note'], table: { table: 'colours', keptBy: 'design' }, reason: null },
    { system: 'books', keptIn: [], table: null, reason: 'the ERP is colour-blind' },
  ])
})

test('the schema says the same of its owners', () => {
  expect(schemaOf(deals, Deal)).toMatchObject({
    properties: {
      channel: { 'x-owner': { role: 'crm' }, 'x-ubl': 'Channel' },
      discount: { 'x-owner': { role: 'crm', otherwise: 'erp', others: 'refuse' } },
      phone: { 'x-owner': { roles: ['crm', 'erp'], agreed: 'latest' } },
      price: { 'x-owner': { role: 'crm', until: 'booked', then: 'erp' } },
    },
  })
})
