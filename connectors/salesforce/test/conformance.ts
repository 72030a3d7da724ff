// What the conformance kit needs to try this connector: a sandbox of an org, with invoices, consents, and orders with products.
import { absent, inField, type Subject, type System } from '@plumbline/conformance'
import { eur, org, startOrg, stock } from './support.ts'

const asError = (errorCode: string, message: string): string => JSON.stringify([{ errorCode, message }])
const refOf = (fields: Readonly<Record<string, unknown>>): unknown => fields.Plumbline_Ref__c

async function start(currencies?: readonly string[]): Promise<System> {
  const system = await startOrg({ currencies })
  const goods = await stock(system)
  const asInvoice = (ref: string, number: string) => ({
    fields: { Plumbline_Ref__c: ref, Invoice_Number__c: number, Status__c: 'Open', Net_Amount__c: eur('0.07') },
  })
  const asOrder = (ref: string, Status: string) => ({
    fields: { Plumbline_Ref__c: ref, AccountId: goods.account, Status, EffectiveDate: '2026-11-22' },
    lists: {
      OrderItems: {
        add: [{ Plumbline_Line__c: 'l1', Product2Id: goods.products[0], Quantity: 2, UnitPrice: eur('10.55') }],
        change: [],
        remove: [],
      },
    },
  })
  const remove = (object: string) => (id: string) => system.person('DELETE', `/sobjects/${object}/${id}`)
  return {
    url: system.sandbox.url,
    settings: loginUrl => ({ ...system.settings, loginUrl }),
    samples: [
      {
        object: 'Invoice__c',
        create: ref => asInvoice(ref, 'I-1'),
        refOf,
        refused: ref => asInvoice(ref, 'longer than an invoice number may be'),
        change: number => ({ Invoice_Number__c: `I-${number}` }),
        perPage: 2_000,
        text: { ...inField('Invoice_Number__c'), longest: 20 },
        optional: { field: 'Invoice_Number__c', value: 'I-2' },
        money: { ...inField('Net_Amount__c'), currency: 'EUR', largest: '12345678901234.56' },
        day: inField('Invoice_Date__c'),
        instant: 'CreatedDate',
        remove: remove('Invoice__c'),
      },
      {
        object: 'Consent__c',
        create: ref => ({
          fields: { Plumbline_Ref__c: ref, Source__c: 'fair', Decided_At__c: '2026-03-29T01:30:00.000Z' },
        }),
        refOf,
        refused: ref => ({ fields: { Plumbline_Ref__c: ref, Decided_At__c: 'yesterday' } }),
        change: number => ({ Source__c: `fair ${number}` }),
        perPage: absent('The code of all objects is the same, and invoices try it'),
        text: { ...inField('Plumbline_Note__c'), longest: 255 },
        optional: { field: 'Source__c', value: 'web' },
        money: absent('A consent has no amount'),
        day: absent('A consent has no day'),
        instant: 'Decided_At__c',
        remove: remove('Consent__c'),
      },
      {
        object: 'Order',
        create: ref => asOrder(ref, 'Draft'),
        refOf,
        refused: ref => asOrder(ref, 'Nonsense'),
        change: number => ({ PoNumber: `PO ${number}` }),
        perPage: absent('The code of all objects is the same, and invoices try it'),
        text: { ...inField('PoNumber'), longest: 80 },
        optional: { field: 'PoNumber', value: 'PO' },
        money: {
          currency: 'EUR',
          largest: '99999999.99',
          ...inField('ERP_Net_Total__c'),
        },
        day: inField('EffectiveDate'),
        instant: absent('No point in time of an order is mapped here'),
        remove: remove('Order'),
      },
    ],
    isWrite: ({ method, path }) => method !== 'GET' && !path.startsWith('/services/oauth2/'),
    busy: {
      status: 403,
      body: asError('REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'),
      // The limit of a day is over when time says so, and no answer does.
      retryAfterMs: 60_000,
    },
    sessionExpired: {
      answer: { status: 401, body: asError('INVALID_SESSION_ID', 'Session expired or invalid') },
      on: ({ path }) => !path.startsWith('/services/oauth2/'),
    },
    lockedOut: { status: 401, body: asError('INVALID_SESSION_ID', 'Session expired or invalid') },
    lateMs: absent('Events come when a change is committed, in the order of a log; no feed asks by time'),
    stop: system.close,
  }
}

export const subject: Subject = {
  connector: org,
  start: () => start(),
  lacks: {
    'change-stale':
      'The connector gives Salesforce no version to compare with, as collections take none: the last change wins',
    'feed-breaks':
      'Events come over gRPC, which the fault proxy does not speak: the feed tests of the connector break it',
    'flag-prices': 'The connector puts no question for prices to Salesforce',
  },
}

export const withSeveralCurrencies: Subject = { ...subject, start: () => start(['EUR', 'USD']) }
