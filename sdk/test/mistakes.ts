// Mistakes that must not compile, one for each promise that the types make. Never run: the gate "types" reads it, and
// fails when a line that must be refused is accepted.
import {
  becomes,
  type Calendar,
  connector,
  contract,
  count,
  type Deadline,
  derive,
  fact,
  fill,
  id,
  linesOf,
  listOf,
  lookup,
  mapping,
  milliseconds,
  money,
  moneyOf,
  objectOf,
  oneOf,
  project,
  question,
  ref,
  role,
  route,
  type SavedOf,
  type Sweep,
  stages,
  table,
  text,
  workflow,
  yesNo,
} from '@plumbline/sdk'

// ---- a small world

const Customer = contract('customer', { number: text('Number').ownedBy('erp'), name: text('Name').ownedBy('crm') })
const Quote = contract('quote', {
  number: text('Number').ownedBy('crm'),
  status: oneOf('Status', 'draft', 'accepted').ownedBy('crm'),
  total: money('Total').ownedBy('crm'),
})
const Order = contract('order', {
  number: text('Number').ownedBy('erp').optional(),
  customer: ref(Customer).ownedBy('crm'),
  status: stages('Status', 'open', 'booked', 'shipped').ownedBy('erp'),
  total: money('Total').ownedBy('crm'),
  lines: linesOf('Lines', { keyedBy: 'line' }, { quantity: count('Quantity').ownedBy('crm') }),
})
const Payment = fact('payment', { amount: money('Amount').ownedBy('erp') })
const CreditCheck = question('credit check', { amount: money('Amount') }, { approved: yesNo('Approved') })
const Basket = question(
  'basket',
  { lines: listOf('Lines', { product: text('Product'), quantity: count('Quantity') }) },
  { price: money('Price') },
)
const Price = question('price', { product: text('Product') }, { price: money('Price') })

const crm = role('crm', { holds: [Customer, Quote, Order] })
const erp = role('erp', { holds: [Customer, Order, Payment], answers: [CreditCheck] })

const system = connector(
  'a-system',
  {
    settings: { url: text('Address') },
    connect: () => ({}),
    test: async () => undefined,
    clock: async () => '2026-01-01T00:00:00.000Z',
  },
  { concurrency: 1, longestCallMs: 1_000 },
).object('Order', {
  fields: {
    Id: id(),
    Number: text('Number'),
    AccountId: lookup('Account'),
    Status: oneOf('Status', 'Draft', 'Activated', 'Done'),
    Total: money('Total'),
    Items: listOf('Items', { Id: id(), Quantity: count('Quantity'), Note: text('Note') }),
  },
})
const object = objectOf(system, 'Order')
const status = { field: 'Status', values: { open: 'Draft', booked: 'Activated', shipped: 'Done' } } as const
const Terms = table('terms', { keptBy: 'finance', says: 'When it is to be paid', starts: { s4: { 'net 30': 'NT30' } } })
const lines = { each: 'Items', id: 'Id', fields: { quantity: 'Quantity' } } as const
const settings = { url: 'http://localhost' }

/** What is right compiles: without this, a mistake below could be refused for another reason. */
export const right = () => [
  mapping(Order, object, { number: 'Number', customer: 'AccountId', total: 'Total', status, lines }),
  mapping(Order, object, {
    number: { field: 'Number', table: Terms },
    customer: 'AccountId',
    total: 'Total',
    status,
    lines,
  }),
  project('right', { contracts: [Customer, Order], roles: [crm, erp], systems: [], workflows: [] }),
]

// ---- owners

export const owners = () => {
  // @ts-expect-error nobody owns the name
  contract('orphan', { name: text('Name') })
  // @ts-expect-error nobody owns the quantity of a line
  contract('half', { lines: linesOf('Lines', { keyedBy: 'line' }, { quantity: count('Quantity') }) })

  const of = { quantity: count('Quantity').ownedBy('crm') }
  // @ts-expect-error lines come and go by a field that they have
  linesOf('Lines', { keyedBy: 'line', standBy: 'product' }, of)
  // @ts-expect-error and only what they have can be added up
  linesOf('Lines', { keyedBy: 'line', parts: { of: 'quantity', summed: ['net'] } }, of)

  const Ledger = contract('ledger', { total: money('Total').ownedBy('finance') })
  // @ts-expect-error 'finance' is no role of this project
  project('unknown owner', { contracts: [Ledger], roles: [crm, erp], systems: [], workflows: [] })
}

const Deal = contract('deal', {
  name: text('Name').ownedBy('crm'),
  size: oneOf('Size', 'small', 'big').ownedBy('crm'),
  note: text('Note').ownedBy('crm', {
    when: (deal: { size: string | undefined }) => deal.size === 'big',
    otherwise: 'erp',
    others: 'refuse',
  }),
})

export const passingOn = () => {
  // @ts-expect-error edits are put right, refused or become a change request
  text('Name').ownedBy('crm', { others: 'forget' })
  // @ts-expect-error who hands over says what becomes of later edits
  text('Name').ownedBy('crm', { until: 'booked', then: 'erp' })
  // @ts-expect-error a condition says who owns it otherwise
  text('Name').ownedBy('crm', { when: (deal: { size: string | undefined }) => deal.size === 'big' })
  // @ts-expect-error ownership passes on at a stage or depends on the record, not both
  text('Name').ownedBy('crm', { until: 'booked', then: 'erp', later: 'refuse', when: () => true, otherwise: 'erp' })
  contract('strange', {
    name: text('Name').ownedBy('crm'),
    // @ts-expect-error the contract has no field 'colour' that its owner could depend on
    note: text('Note').ownedBy('crm', { when: (it: { colour: string }) => it.colour === 'red', otherwise: 'erp' }),
  })
  contract('hasty', {
    name: text('Name').ownedBy('crm'),
    // @ts-expect-error the name may not be known yet when somebody asks whose the note is
    note: text('Note').ownedBy('crm', { when: (it: { name: string }) => it.name.startsWith('Big'), otherwise: 'erp' }),
  })
  contract('circular', {
    // @ts-expect-error whose the note is depends on the remark, and whose that is on the note
    note: text('Note').ownedBy('crm', { when: (it: { remark: string | undefined }) => !it.remark, otherwise: 'erp' }),
    // @ts-expect-error as above
    remark: text('Remark').ownedBy('crm', { when: (it: { note: string | undefined }) => !it.note, otherwise: 'erp' }),
  })
  // @ts-expect-error 'erp' owns the note at times, and is no role of this project
  project('half a world', { contracts: [Deal], roles: [crm], systems: [], workflows: [] })
}

export const sharing = () => {
  const because = 'both sides edit it'
  // @ts-expect-error a field is shared by two at least
  text('Phone').sharedBy(['crm'], { agreed: 'latest', because })
  // @ts-expect-error who lets nobody own a field says why
  text('Phone').sharedBy(['crm', 'erp'], { agreed: 'latest' })
  // @ts-expect-error a reason has words
  text('Phone').sharedBy(['crm', 'erp'], { agreed: 'latest', because: '' })
  // @ts-expect-error of one value only one can be kept
  text('Phone').sharedBy(['crm', 'erp'], { agreed: 'keep both', because })
  const phones = linesOf('Phones', { keyedBy: 'line' }, { phone: text('Phone') })
  // @ts-expect-error lines have no one latest edit: both sides' are kept
  phones.sharedBy(['crm', 'erp'], { agreed: 'latest', because })
  const Person = contract('person', { phone: text('Phone').sharedBy(['crm', 'pbx'], { agreed: 'ask', because }) })
  // @ts-expect-error 'pbx' shares the phone, and is no role of this project
  project('half a world', { contracts: [Person], roles: [crm], systems: [], workflows: [] })
}

export const saying = () =>
  // @ts-expect-error what became of an edit is said in a text, not in an amount
  mapping(Customer, object, { number: 'Number', name: 'Number' }, { says: 'Total' })

// ---- mappings

export const mappings = () => {
  // @ts-expect-error the status is neither mapped nor skipped with a reason
  mapping(Order, object, { number: 'Number', customer: 'AccountId', total: 'Total', lines })
  // @ts-expect-error a field is skipped only with a reason
  mapping(Order, object, { number: {}, customer: 'AccountId', total: 'Total', status, lines })
  // @ts-expect-error money does not fit into a text
  mapping(Order, object, { number: 'Number', customer: 'AccountId', total: 'Number', status, lines })
  // @ts-expect-error a ref is a lookup or an id, not a text
  mapping(Order, object, { number: 'Number', customer: 'Number', total: 'Total', status, lines })
  // @ts-expect-error the object has no such field
  mapping(Order, object, { number: 'Nummer', customer: 'AccountId', total: 'Total', status, lines })
  // @ts-expect-error the contract has no such field
  mapping(Order, object, { number: 'Number', customer: 'AccountId', total: 'Total', status, lines, colour: 'Number' })

  const unnamed = { field: 'Status', values: { open: 'Draft', booked: 'Activated' } } as const
  // @ts-expect-error 'shipped' has no picklist value
  mapping(Order, object, { number: 'Number', customer: 'AccountId', total: 'Total', status: unnamed, lines })
  const misnamed = { field: 'Status', values: { open: 'Draft', booked: 'Activated', shipped: 'Sent' } } as const
  // @ts-expect-error 'Sent' is no value of the picklist
  mapping(Order, object, { number: 'Number', customer: 'AccountId', total: 'Total', status: misnamed, lines })

  const several = { field: 'Status', values: { open: [], booked: 'Activated', shipped: 'Done' } } as const
  // @ts-expect-error 'open' needs one native value at least: the first is written
  mapping(Order, object, { number: 'Number', customer: 'AccountId', total: 'Total', status: several, lines })

  const wrongLine = { each: 'Items', id: 'Id', fields: { quantity: 'Note' } } as const
  // @ts-expect-error a quantity does not fit into a text of the entry
  mapping(Order, object, { number: 'Number', customer: 'AccountId', total: 'Total', status, lines: wrongLine })
  const wordForNumber = { each: 'Items', id: 'Id', fields: { quantity: { field: 'Note', table: Terms } } } as const
  // @ts-expect-error a table says what texts are called, not how many something is
  mapping(Order, object, { number: 'Number', customer: 'AccountId', total: 'Total', status, lines: wordForNumber })
  const noList = { each: 'Number', id: 'Id', fields: { quantity: 'Quantity' } } as const
  // @ts-expect-error lines need a list
  mapping(Order, object, { number: 'Number', customer: 'AccountId', total: 'Total', status, lines: noList })

  const tabled = { field: 'Total', table: Terms } as const
  // @ts-expect-error a table says what texts are called, not what money is
  mapping(Order, object, { number: 'Number', customer: 'AccountId', total: tabled, status, lines })
  // @ts-expect-error nor which text stands for an amount
  mapping(Order, object, { number: tabled, customer: 'AccountId', total: 'Total', status, lines })
  const unconverted = { field: 'Total', converted: Terms, to: 'EUR', on: 'number' } as const
  // @ts-expect-error a table of words has no rates
  mapping(Order, object, { number: 'Number', customer: 'AccountId', total: unconverted, status, lines })
  const inItself = { field: 'Number', table: { 'net 30': 'NT30' } } as const
  // @ts-expect-error a table has a name and a desk: people keep it
  mapping(Order, object, { number: inItself, customer: 'AccountId', total: 'Total', status, lines })
  // @ts-expect-error somebody keeps a table
  table('terms', { says: 'When it is to be paid' })
  // @ts-expect-error a value has one native value at least: the first is written
  table('terms', { keptBy: 'finance', says: 'When it is to be paid', starts: { s4: { 'net 30': [] } } })

  // @ts-expect-error the connector has no such object
  objectOf(system, 'Invoice')
  // @ts-expect-error the quote has no field 'colour' to derive from
  derive(Quote, { total: 'colour' })
}

// ---- systems

export const systems = () => {
  // @ts-expect-error the address is missing in the settings
  fill(erp, 's4', system, {}, { mappings: [] })
  // @ts-expect-error an address is a text
  fill(erp, 's4', system, { url: 4603 }, { mappings: [] })
  const s4 = fill(erp, 's4', system, settings, { mappings: [] })
  // @ts-expect-error a route names the field by which it goes
  route(erp, { whenEmpty: 's4' })
  return s4
}

// ---- questions

export const questions = () => {
  // @ts-expect-error the amount is missing in the question
  erp.ask(CreditCheck, {})
  // @ts-expect-error an amount is money
  erp.ask(CreditCheck, { amount: 100 })
  // @ts-expect-error the ERP is never asked for prices in this project
  erp.ask(Price, { product: 'TG11' })
  // @ts-expect-error an entry of a list lacks its quantity
  erp.ask(Basket, { lines: [{ product: 'TG11' }] })
  // @ts-expect-error an old answer is as old as a duration says
  question('stock', {}, {}, { cache: 'a while' })
  // @ts-expect-error the CRM answers nothing
  crm.ask(CreditCheck, { amount: moneyOf('100', 'EUR') })
}

// ---- workflows

export const triggers = () => {
  // @ts-expect-error a quote has no status 'paid'
  becomes(Quote, 'paid')
  // @ts-expect-error a payment is a fact without a status: nothing becomes of it
  becomes(Payment, 'paid')
}

export const checkpoints = () =>
  workflow('checkpoints', {
    says: 'Reaches what it does not declare',
    startsWhen: becomes(Quote, 'accepted'),
    checkpoints: ['Accepted'],
    // @ts-expect-error 'Booked' is no checkpoint
    within: { Booked: '1 minute' },
    async run(_quote, { reach }) {
      reach('Accepted')
      // @ts-expect-error 'Shipped' is no checkpoint
      reach('Shipped')
    },
  })

export const deadlines = () => {
  // @ts-expect-error a duration has a unit
  milliseconds('2')
  // @ts-expect-error there are no fortnights
  milliseconds('2 fortnights')
  // @ts-expect-error working days are no time that is the same everywhere
  milliseconds('2 working days')
  // @ts-expect-error who asks a system waits for moments, not for a working day
  question('stock', {}, {}, { within: '1 working day' })
  // @ts-expect-error an old answer is as old as a duration says
  question('stock', {}, {}, { cache: '1 working day' })
  // @ts-expect-error systems are compared at weekends too
  '7 working days' satisfies Sweep['every']
  // @ts-expect-error half a working day ends nowhere
  '1.5 working days' satisfies Deadline
  // @ts-expect-error a weekend has days, written out
  ;({ zone: 'Europe/Berlin', weekend: ['sat'] }) satisfies Calendar
  // @ts-expect-error a holiday is a day of a year
  ;({ zone: 'Europe/Berlin', holidays: ['25 December'] }) satisfies Calendar
}

export const worth = () =>
  workflow('worth', {
    says: 'Is worth what the record does not have',
    startsWhen: becomes(Quote, 'accepted'),
    checkpoints: [],
    // @ts-expect-error a quote has no field 'gross'
    worth: 'gross',
    async run() {},
  })

export const steps = () =>
  workflow('steps', {
    says: 'Does what its tools refuse',
    startsWhen: becomes(Quote, 'accepted'),
    checkpoints: [],
    async run(quote, { open, ask, until, step }) {
      // @ts-expect-error the ERP gives the order its number: nobody supplies it
      open(Order, { from: quote, in: erp, with: { number: '4711' } })
      // @ts-expect-error an order has no field 'colour'
      open(Order, { from: quote, in: erp, with: { colour: 'red' } })
      // @ts-expect-error a total is money
      open(Order, { from: quote, in: erp, with: { total: '100' } })

      const order = await step('Open the order', () => open(Order, { from: quote, in: erp }))
      // @ts-expect-error a record does not change under the hands of whoever reads it
      order.total = moneyOf('1', 'EUR')
      // @ts-expect-error an order has no stage 'paid'
      await until(order, order => order.status.reached('paid'), { within: '1 day' })
      // @ts-expect-error whoever waits says how long
      await until(order, order => order.status.reached('shipped'))

      const answer = await ask('desk', 'May we?', { answers: ['yes', 'no'], within: '1 day' })
      // @ts-expect-error 'maybe' is none of the answers
      if (answer === 'maybe') return
      // @ts-expect-error a question to people has a deadline
      await ask('desk', 'May we?', { answers: ['yes', 'no'] })
      // @ts-expect-error who passes a question on says when
      await ask('desk', 'May we?', { answers: ['yes', 'no'], within: '1 day', escalate: { to: 'boss' } })

      const credit = await step('Check credit', () => erp.ask(CreditCheck, { amount: quote.total }))
      // @ts-expect-error the answer says 'approved'
      return credit.granted
    },
  })

// ---- values

export const values = (order: SavedOf<typeof Order>, customer: SavedOf<typeof Customer>) => {
  // @ts-expect-error a stage is asked with reached(): a poll may pass one unseen
  const isShipped = order.status === 'shipped'
  // @ts-expect-error an order has no stage 'paid'
  const isPaid = order.status.reached('paid')
  // @ts-expect-error the ERP has not given it a number yet
  const length = order.number.length
  // @ts-expect-error money is no number
  const twice = order.total * 2
  // @ts-expect-error money has a currency
  const euros = moneyOf('100')
  // @ts-expect-error a ref to an order is none to a customer
  order.customer.contract satisfies 'order'
  return [isShipped, isPaid, length, twice, euros, customer]
}
