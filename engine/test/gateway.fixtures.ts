// A small project and the rows that its engine would have written: one quote on its way to a paid order.
import {
  always,
  becomes,
  connector,
  contract,
  fill,
  mapping,
  money,
  objectOf,
  oneOf,
  project,
  ref,
  role,
  stages,
  text,
  whereFound,
  workflow,
} from '@plumbline/sdk'
import { folded } from '../src/kernel/naming.ts'
import type { Db } from '../src/store/db.ts'

const Quote = contract(
  'quote',
  {
    number: text('Quote number').ownedBy('crm'),
    status: oneOf('Status', 'draft', 'accepted').ownedBy('crm'),
    total: money('Total').ownedBy('crm'),
  },
  { knownBy: ['number'], livesIn: { crm: whereFound() } },
)
const Order = contract(
  'order',
  {
    number: text('Order number').ownedBy('erp').optional(),
    reference: text('Reference').ownedBy('crm'),
    quote: ref(Quote).ownedBy('crm'),
    status: stages('Status', 'open', 'booked', 'shipped').ownedBy('erp'),
  },
  { knownBy: ['number', 'reference'], livesIn: { erp: always(), crm: always() } },
)
const Invoice = contract(
  'invoice',
  { number: text('Invoice number').ownedBy('erp'), order: ref(Order).ownedBy('erp') },
  { knownBy: ['number'], livesIn: { erp: whereFound(), crm: always() } },
)

const crm = role('crm', { holds: [Quote, Order, Invoice] })
const erp = role('erp', { holds: [Order, Invoice] })

const native = connector(
  'paper',
  { settings: {}, connect: () => ({}), test: async () => true, clock: async () => new Date().toISOString() },
  { concurrency: 4, longestCallMs: 1_000 },
)
  .object('Quote', { fields: { No: text('No'), Status: text('Status'), Total: money('Total') } })
  .object('Order', {
    fields: { No: text('No'), Reference: text('Reference'), Quote: text('Quote'), Status: text('Status') },
  })
  .object('Invoice', { fields: { No: text('No'), Order: text('Order') } })

const skip = { skip: 'not of interest to these tests' } as const

const sales = fill(
  crm,
  'sales',
  native,
  {},
  {
    mappings: [
      mapping(Quote, objectOf(native, 'Quote'), { number: 'No', status: skip, total: 'Total' }),
      mapping(Order, objectOf(native, 'Order'), { number: 'No', reference: 'Reference', quote: skip, status: skip }),
      mapping(Invoice, objectOf(native, 'Invoice'), { number: 'No', order: skip }),
    ],
  },
)
const s4 = fill(
  erp,
  's4',
  native,
  {},
  {
    mappings: [
      mapping(Order, objectOf(native, 'Order'), { number: 'No', reference: 'Reference', quote: skip, status: skip }),
      mapping(Invoice, objectOf(native, 'Invoice'), { number: 'No', order: skip }),
    ],
  },
)

const quoteToCash = workflow('quote-to-cash', {
  says: 'An accepted quote becomes an order',
  startsWhen: becomes(Quote, 'accepted'),
  checkpoints: ['Accepted', 'Booked', 'Shipped'],
  within: { Shipped: '30 days' },
  worth: 'total',
  run: async () => undefined,
})

export const paperProject = project('paper', {
  contracts: [Quote, Order, Invoice],
  roles: [crm, erp],
  systems: [sales, s4],
  workflows: [quoteToCash],
})

export type Given = {
  readonly quote: string
  readonly order: string
  readonly invoice: string
  readonly journey: string
}

/** Quote `number` was accepted a minute ago and its order is booked; the journey waits for the shipment. */
export async function bookedQuote(
  db: Db,
  number: string,
  orderNumber: string,
  waitsFor = "Until order.status.reached('shipped')",
): Promise<Given> {
  const given = {
    quote: `quote-${number}`,
    order: `order-${number}`,
    invoice: `invoice-${number}`,
    journey: `j-${number}`,
  }
  const { quote, order, journey } = given
  await record(
    db,
    quote,
    'quote',
    { number, status: 'accepted', total: { amount: '1234.00', currency: 'EUR' } },
    [],
    [number],
  )
  await record(
    db,
    order,
    'order',
    { number: orderNumber, reference: number, status: 'booked', quote: { id: quote } },
    [quote],
    [orderNumber, number],
  )
  await link(db, quote, 'sales', 'Quote', `0Q0${number}`)
  await link(db, order, 's4', 'Order', orderNumber)
  await db.query(
    `insert into change (id, at, system, object, native_id, body)
     values (gen_random_uuid(), now() - interval '61 seconds', 'sales', 'Quote', $1, '{"kind":"seen","mask":["Status","Total"],"fields":{"Status":"Accepted"}}')`,
    [`0Q0${number}`],
  )
  await db.query(
    `insert into journey (journey, workflow, ref, once, state, due_at, title, worth, currency, checkpoint, reached, late_at, started_at, systems, waits)
     values ($1, 'quote-to-cash', $2, '', 'waiting', now() + interval '30 days', $3, 1234.00, 'EUR', 'Booked',
             jsonb_build_object('Accepted', now() - interval '60 seconds', 'Booked', now() - interval '59 seconds'),
             now() + interval '30 days', now() - interval '60 seconds', '{s4,sales}', $4)`,
    [journey, quote, `Quote ${number}`, waitsFor.startsWith('Until ') ? 'record' : 'system'],
  )
  await db.query(
    `insert into step (journey, name, n, kind, result, began_at, at)
     values ($1, 'Book the order', 1, 'open', '{}', now() - interval '60 seconds', now() - interval '59.5 seconds')`,
    [journey],
  )
  await db.query(
    `insert into attempt (id, at, ref, system, version, kind, key, request, send_by, ended_at, ended)
     values (gen_random_uuid(), now() - interval '60 seconds', $1, 's4', 1, 'create', $2, '{"Reference":"1"}', now(), now() - interval '59.6 seconds', 'written')`,
    [order, `${order}@s4`],
  )
  await db.query(
    `insert into wait (journey, name, ref, due_at, began_at) values ($1, $3, $2, now() + interval '30 days', now() - interval '59 seconds')`,
    [journey, order, waitsFor],
  )
  return given
}

async function record(
  db: Db,
  ref: string,
  contract: string,
  fields: object,
  about: string[],
  names: string[],
): Promise<void> {
  await db.query('insert into record (ref, contract, version, fields, about) values ($1, $2, 1, $3, $4)', [
    ref,
    contract,
    JSON.stringify(fields),
    about,
  ])
  await db.query(
    'insert into name (name, ref, whole) select distinct name, $1, true from unnest($2::text[]) as n(name)',
    [ref, names.map(folded)],
  )
  await db.query(
    `insert into record_version (ref, version, at, fields, cause, quiet) values ($1, 1, now() - interval '60.5 seconds', $2, '{"system":"sales"}', false)`,
    [ref, JSON.stringify(fields)],
  )
}

export async function invoiced(db: Db, { order, invoice }: Given, number: string): Promise<void> {
  await record(db, invoice, 'invoice', { number, order: { id: order } }, [order], [number])
}

const link = (db: Db, ref: string, system: string, object: string, nativeId: string): Promise<unknown> =>
  db.query('insert into link (system, object, native_id, ref) values ($1, $2, $3, $4)', [system, object, nativeId, ref])

export const delivery = (
  db: Db,
  ref: string,
  system: string,
  state: string,
  more: { reason?: string; todo?: string; waitsFor?: string } = {},
): Promise<unknown> =>
  db.query(
    `insert into delivery (ref, system, contract, wanted, state, reason, todo, waits_for, tries)
     values ($1, $2, split_part($1, '-', 1), 1, $3, $4, $5, $6, 3)`,
    [ref, system, state, more.reason ?? null, more.todo ?? null, more.waitsFor ?? null],
  )

export const lane = (db: Db, system: string): Promise<unknown> =>
  db.query('insert into lane (system, concurrency) values ($1, 4) on conflict do nothing', [system])
