// A small project for what disappears: customers in both systems, deals in the CRM, and a journey that waits on a deal. What
// a disappearance means is the test's choice, from the environment, so that a process of its own can run it too.
import { salesforce, sobject } from '@plumbline/connector-salesforce'
import { sapS4 } from '@plumbline/connector-sap-s4hana'
import {
  becomes,
  contract,
  fill,
  type Gone,
  id,
  lookup,
  mapping,
  objectOf,
  oneOf,
  type Project,
  project,
  ref,
  role,
  type Sweep,
  text,
  whereFound,
  workflow,
} from '@plumbline/sdk'

const env = (name: string): string => process.env[name] ?? ''

/** What a disappearance means in each role, and how often both systems are swept. */
export type Parting = { readonly crm?: Gone; readonly erp?: Gone; readonly sweepEvery?: Sweep['every'] }

export const metadata = {
  objects: { Account: { fields: { Closed__c: { type: 'string', length: 20 } } } },
}

export function partedProject(gone: Parting): Project {
  const { sweepEvery = 'never', ...words } = gone
  const Customer = contract(
    'customer',
    {
      number: text('Customer number').ownedBy('erp').optional(),
      name: text('Name').ownedBy('crm'),
    },
    { match: 'number', knownBy: ['name', 'number'], livesIn: { crm: whereFound(), erp: whereFound() }, gone: words },
  )
  const Deal = contract(
    'deal',
    {
      name: text('Name').ownedBy('crm'),
      status: oneOf('Status', 'open', 'won', 'lost').ownedBy('crm'),
      customer: ref(Customer).ownedBy('crm').optional(),
    },
    { knownBy: ['name'], livesIn: { crm: whereFound() } },
  )
  const org = salesforce
    .object(
      'Account',
      sobject(
        'Account',
        { Id: id(), Name: text('Name'), AccountNumber: text('Account Number'), Closed__c: text('Closed') },
        { closed: { Closed__c: 'yes' } },
      ),
    )
    .object(
      'Opportunity',
      sobject('Opportunity', { Id: id(), Name: text('Name'), StageName: text('Stage'), AccountId: lookup('Account') }),
    )
  const crm = role('crm', { holds: [Customer, Deal] })
  const erp = role('erp', { holds: [Customer] })
  const stage = (native: unknown) => (native === 'Closed Won' ? 'won' : native === 'Closed Lost' ? 'lost' : 'open')
  return project('parted', {
    contracts: [Customer, Deal],
    roles: [crm, erp],
    systems: [
      fill(
        crm,
        'sales',
        org,
        {
          loginUrl: env('PARTED_SALESFORCE'),
          clientId: 'sandbox-admin',
          clientSecret: 'sandbox-admin-secret',
          pubsub: env('PARTED_PUBSUB'),
          pubsubTls: 'self-signed',
          channel: '/data/ChangeEvents',
          client: 'plumbline',
          currency: 'EUR',
          apiVersion: '67.0',
        },
        {
          mappings: [
            mapping(Customer, objectOf(org, 'Account'), { number: 'AccountNumber', name: 'Name' }),
            mapping(Deal, objectOf(org, 'Opportunity'), {
              name: 'Name',
              status: { field: 'StageName', read: stage },
              customer: 'AccountId',
            }),
          ],
          sweep: { every: sweepEvery, pagesPerMinute: 6_000 },
        },
      ),
      fill(
        erp,
        's4',
        sapS4,
        {
          url: env('PARTED_S4'),
          user: 'sandbox',
          password: 'sandbox',
          keyField: 'PurchaseOrderByCustomer',
          salesArea: '1010/10/00',
          plant: '1010',
          pollEvery: '100',
          overlap: '30000',
        },
        {
          mappings: [
            mapping(Customer, objectOf(sapS4, 'BusinessPartner'), { number: 'Customer', name: 'OrganizationBPName1' }),
          ],
          sweep: { every: sweepEvery, pagesPerMinute: 6_000 },
        },
      ),
    ],
    routes: [],
    workflows: [
      workflow('follow the deal', {
        says: 'A deal that is won is followed until it is lost after all',
        startsWhen: becomes(Deal, 'won'),
        checkpoints: ['Won'],
        within: {},
        async run(deal, { until, reach }) {
          reach('Won')
          await until(deal, deal => deal.status === 'lost', { within: '30 days' })
        },
      }),
    ],
  })
}
