// What is left of the matrix of owners when it is narrowed.
import { expect, test } from 'vitest'
import type { OwnedField, Owners } from '../src/api/types.ts'
import { ownersAddress } from '../src/screens/owners/address.ts'
import { narrowed } from '../src/screens/owners/narrow.ts'

const field = (label: string, keptIn: Readonly<Record<string, readonly string[]>>): OwnedField => ({
  field: label.toLowerCase(),
  label,
  of: null,
  kind: 'text',
  optional: false,
  personal: false,
  owner: 'crm',
  handOver: null,
  condition: null,
  shared: null,
  others: 'put right',
  ownedBy: 'The CRM',
  bornFrom: null,
  cells: Object.entries(keptIn).map(([system, kept]) => ({
    role: system === 'sales' ? 'crm' : 'erp',
    part: kept.length > 0 ? 'shows' : 'skips',
    says: '',
    systems: [{ system, part: kept.length > 0 ? 'shows' : 'skips', keptIn: kept, reason: null, table: null }],
  })),
})
const contract = (name: string, fields: readonly OwnedField[]): Owners['contracts'][number] => ({
  contract: name,
  label: name,
  nature: 'state',
  version: 1,
  bornBy: 'Whoever enters it',
  match: null,
  desk: null,
  presence: [],
  fields,
})
const matrix: Owners = {
  project: 'acme',
  roles: [],
  contracts: [
    contract('customer', [
      field('Name', { sales: ['Account.Name'], s4: ['BusinessPartner.OrganizationBPName1'] }),
      field('Rating', { sales: ['Account.Rating'], s4: [] }),
    ]),
    contract('invoice', [field('Amount', { sales: ['Invoice__c.Amount__c'], s4: ['BillingDocument.TotalNetAmount'] })]),
  ],
}
const left = (address: string): string[] =>
  narrowed(matrix, ownersAddress(Object.fromEntries(new URLSearchParams(address)))).flatMap(one =>
    one.fields.map(({ label }) => `${one.contract}: ${label}`),
  )

test('without a choice everything is there', () => {
  expect(left('')).toEqual(['customer: Name', 'customer: Rating', 'invoice: Amount'])
})

test('a system leaves what it keeps', () => {
  expect(left('system=s4')).toEqual(['customer: Name', 'invoice: Amount'])
})

test('a word is found wherever it stands, in capitals or not; of several each must be', () => {
  expect(left('search=organizationbpname')).toEqual(['customer: Name'])
  expect(left('search=customer rat')).toEqual(['customer: Rating'])
  expect(left('search=customer amount')).toEqual([])
})

test('choices narrow together, and an empty one is none', () => {
  expect(left('contract=customer&system=s4&search=')).toEqual(['customer: Name'])
})
