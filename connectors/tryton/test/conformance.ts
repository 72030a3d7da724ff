// What the conformance kit needs to try this connector: a real Tryton, with parties to create there and sales to book.
import { absent, inField, type NewRecord, type Subject, type System } from '@plumbline/conformance'
import type { Native } from '@plumbline/sdk'
import { startTryton } from '../../../test/support/tryton/index.ts'
import { tryton } from '../src/index.ts'

const usd = (amount: string) => ({ amount, currency: 'USD' })
const firstLine = ({ lines }: Native): Native => (Array.isArray(lines) ? lines : [])[0] ?? {}
const isLogin = (body: string): boolean => body.includes('"common.db.login"')
const remove = absent('What is deleted leaves no trace in Tryton: the sweep finds it')
const instant = absent('No point in time of it is mapped')

async function start(): Promise<System> {
  const erp = await startTryton()
  const sale = (reference: string, more: Native = {}): NewRecord => ({
    fields: { reference, party: String(erp.seed.customers['CUST-NOLIM']), ...more },
    lists: {
      lines: {
        add: [{ note: 'l1', product: String(erp.seed.products['WID-100']), quantity: 5, unit_price: usd('90.00') }],
        change: [],
        remove: [],
      },
    },
  })
  return {
    url: erp.url,
    settings: url => ({
      url,
      database: erp.database,
      user: 'integration',
      password: erp.password,
      warehouse: 'WH',
      pollEvery: '100',
    }),
    samples: [
      {
        object: 'Party',
        create: code => ({ fields: { code, name: 'Byron & Sons' } }),
        refOf: fields => fields.code,
        refused: code => ({ fields: { code, name: 'Byron', customer_payment_term: 'Whenever' } }),
        change: number => ({ city: `Town ${number}` }),
        perPage: 100,
        text: { ...inField('name'), longest: 200 },
        optional: { field: 'street', value: 'High Street 1' },
        money: absent('The credit limit is kept by finance, and the user of the integration may not set it'),
        day: absent('No day of a party is mapped'),
        instant,
        remove,
      },
      {
        object: 'Sale',
        create: sale,
        refOf: fields => fields.reference,
        refused: reference => sale(reference, { payment_term: 'Whenever' }),
        change: number => ({ description: `Sold ${number}` }),
        perPage: absent('The code of all objects is the same, and parties try it'),
        text: { ...inField('description'), longest: 200 },
        optional: { field: 'comment', value: 'Ring twice' },
        money: {
          currency: 'USD',
          largest: '9999999.99',
          put: ({ fields, lists }, unit_price) => ({
            fields,
            lists: {
              lines: { add: (lists?.lines?.add ?? []).map(line => ({ ...line, unit_price })), change: [], remove: [] },
            },
          }),
          get: fields => firstLine(fields).unit_price,
        },
        day: inField('shipping_date'),
        instant,
        remove,
      },
    ],
    // Everything is a POST; what it does is the method in its body.
    isWrite: ({ body }) => /"model\.[\w.]+\.(create|write|delete|draft|quote|confirm|process|cancel)"/.test(body),
    sessionExpired: { answer: { status: 401 }, on: ({ body }) => !isLogin(body) },
    // One process of Python, which books a sale in a second where others use the machine too.
    patienceMs: 60_000,
    // The connector's own overlap.
    lateMs: 60_000,
    price: {
      question: 'price',
      asks: {
        customer: String(erp.seed.customers['CUST-GOLD']),
        lines: [{ line: 'l1', product: String(erp.seed.products['WID-100']), quantity: 10 }],
      },
      answers: { lines: [{ line: 'l1', unit: usd('85.00') }] },
    },
    stop: erp.stop,
  }
}

export const subject: Subject = {
  connector: tryton,
  start,
  lacks: { 'feed-deleted': 'What is deleted leaves no trace in Tryton: the sweep finds it' },
}
