// A customer with several e-mail addresses, and with a customer above it: lines that are told apart by what they say, edited by both
// sides, and a hierarchy that follows its members.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sobject } from '@plumbline/connector-salesforce'
import {
  type AnyContract,
  type AnyRule,
  type Fields,
  type Instance,
  id,
  linesOf,
  listOf,
  lookup,
  type Mapping,
  type Project,
  ref,
  text,
} from '@plumbline/sdk'
import { afterAll, beforeAll, test } from 'vitest'
import { newAccount, startWorld, until, type World } from './world.ts'

const withMore = (customer: AnyContract): AnyContract => ({
  ...customer,
  fields: {
    ...customer.fields,
    parent: ref({ contract: 'customer' }, 'Parent').ownedBy('crm').optional(),
    emails: linesOf(
      'E-mails',
      { keyedBy: 'address' },
      { address: text('Address'), purpose: text('Purpose').ownedBy('crm').optional() },
    ).sharedBy(['crm', 'erp'], { agreed: 'keep both', because: 'both sides speak with the customer' }),
  },
})
function mapped(mapping: Mapping, role: string): Mapping {
  if (mapping.contract !== 'customer') return mapping
  const more: Record<string, AnyRule> =
    role === 'crm'
      ? {
          email: { skip: 'one of its e-mails' },
          parent: 'ParentId',
          emails: {
            each: 'Email_Addresses__r',
            id: 'Id',
            key: 'Address__c',
            fields: { address: 'Address__c', purpose: 'Purpose__c' },
          },
        }
      : {
          email: { skip: 'one of its e-mails' },
          parent: { skip: 'the ERP keeps no hierarchy' },
          emails: {
            each: 'to_EmailAddress',
            id: 'OrdinalNumber',
            key: 'EmailAddress',
            fields: { address: 'EmailAddress', purpose: 'AddressCommunicationRemarkText' },
          },
        }
  return { ...mapping, rules: { ...mapping.rules, ...more } }
}
const accountsIn = ({ connector }: Instance) => {
  const emails = { Id: id(), Address__c: text('Address'), Purpose__c: text('Purpose') }
  const fields = {
    ...(connector.objects.Account?.fields as Fields),
    ParentId: lookup('Account', 'Parent'),
    Email_Addresses__r: listOf('E-mails', emails),
  }
  const lists = { Email_Addresses__r: { object: 'Email_Address__c', parent: 'Account__c' } }
  return connector.object('Account', sobject('Account', fields, { lists }))
}
const project = (example: Project): Project => ({
  ...example,
  contracts: example.contracts.map(one => (one.contract === 'customer' ? withMore(one) : one)),
  systems: example.systems.map(system => ({
    ...system,
    ...(system.role === 'crm' && { connector: accountsIn(system) }),
    mappings: system.mappings.map(one => mapped(one, system.role)),
  })),
})

const CUSTOMER = '10100002'
let world: World
let folder: string
let acme: string
let holding: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-emails-'))
  const path = fileURLToPath(new URL('../../examples/quote-to-cash/salesforce.metadata.json', import.meta.url))
  const metadata = JSON.parse(await readFile(path, 'utf8'))
  metadata.channels.Plumbline__chn.push('Email_Address__c')
  metadata.objects.Email_Address__c = {
    label: 'E-mail Address',
    nameField: { type: 'autoNumber', format: 'EML-{00000}' },
    fields: {
      Account__c: {
        type: 'reference',
        label: 'Account',
        referenceTo: 'Account',
        childRelationshipName: 'Email_Addresses',
      },
      Address__c: { type: 'email', label: 'Address' },
      Purpose__c: { type: 'string', label: 'Purpose', length: 50 },
    },
  }
  await writeFile(join(folder, 'metadata.json'), JSON.stringify(metadata))
  world = await startWorld({
    metadata: join(folder, 'metadata.json'),
    project,
    before: async org => {
      acme = await newAccount(org, 'Acme', CUSTOMER)
      holding = await newAccount(org, 'Acme Holding', '10100003')
    },
  })
}, 90_000)
afterAll(async () => {
  await world?.close()
  await rm(folder, { recursive: true, force: true })
})

type Email = { readonly Id: string; readonly Address__c: string; readonly Purpose__c: string | null }
const inSales = async (): Promise<Email[]> =>
  (
    await world.org.query<Email>(
      `SELECT Id, Address__c, Purpose__c FROM Email_Address__c WHERE Account__c = '${acme}' ORDER BY Address__c`,
    )
  ).records
const add = (Address__c: string, Purpose__c: string) =>
  world.org.sobject('Email_Address__c').create({ Account__c: acme, Address__c, Purpose__c })

type InSap = {
  readonly AddressID: string
  readonly OrdinalNumber: string
  readonly EmailAddress: string
  readonly AddressCommunicationRemarkText: string
}
const service = '/sap/opu/odata/sap/API_BUSINESS_PARTNER'
const asClerk = { authorization: `Basic ${btoa('clerk:clerk')}`, accept: 'application/json' }
async function addressInSap(): Promise<{ AddressID: string; to_EmailAddress: { results: InSap[] } }> {
  const path = `${service}/A_BusinessPartner('${CUSTOMER}')?$expand=to_BusinessPartnerAddress/to_EmailAddress`
  const { d } = (await (await fetch(world.s4.url + path, { headers: asClerk })).json()) as {
    d: { to_BusinessPartnerAddress: { results: [{ AddressID: string; to_EmailAddress: { results: InSap[] } }] } }
  }
  return d.to_BusinessPartnerAddress.results[0]
}
const inSap = async (): Promise<string[]> =>
  (await addressInSap()).to_EmailAddress.results
    .map(one => `${one.EmailAddress} (${one.AddressCommunicationRemarkText})`)
    .sort()
const told = async (): Promise<string[]> => (await inSales()).map(one => `${one.Address__c} (${one.Purpose__c ?? ''})`)
async function inSapDo(method: string, path: string, body?: object): Promise<void> {
  const seen = await fetch(`${world.s4.url}${service}/A_BusinessPartner?$top=1`, {
    headers: { ...asClerk, 'x-csrf-token': 'fetch' },
  })
  const done = await fetch(`${world.s4.url}${service}/${path}`, {
    method,
    headers: {
      ...asClerk,
      'content-type': 'application/json',
      'x-csrf-token': seen.headers.get('x-csrf-token') ?? '',
      'if-match': '*',
      cookie: seen.headers.getSetCookie().join('; '),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  if (!done.ok) throw new Error(`S/4HANA answered ${done.status}: ${await done.text()}`)
}
const agree = (emails: readonly string[]) =>
  until(async () => (await told()).join() === emails.join() && (await inSap()).join() === emails.join(), 30_000).catch(
    async () => {
      throw new Error(
        JSON.stringify({ sales: await told(), sap: await inSap(), problems: await world.get('/api/problems') }),
      )
    },
  )

test('e-mail addresses that either side adds are kept by both, each with its purpose, and taken away by either', async () => {
  await add('billing@acme.example', 'invoices')
  await agree(['billing@acme.example (invoices)'])
  const { AddressID } = await addressInSap()
  await Promise.all([
    add('sales@acme.example', 'orders'),
    inSapDo('POST', 'A_AddressEmailAddress', { AddressID, Person: '', EmailAddress: 'dock@acme.example' }),
  ])
  await agree(['billing@acme.example (invoices)', 'dock@acme.example ()', 'sales@acme.example (orders)'])
  const [billing, dock] = await inSales()
  await world.org.sobject('Email_Address__c').update({ Id: dock?.Id ?? '', Purpose__c: 'deliveries' })
  await agree(['billing@acme.example (invoices)', 'dock@acme.example (deliveries)', 'sales@acme.example (orders)'])
  await world.org.sobject('Email_Address__c').delete(billing?.Id ?? '')
  await agree(['dock@acme.example (deliveries)', 'sales@acme.example (orders)'])
})

test('a customer belongs to the customer that sales puts above it', async () => {
  await world.org.sobject('Account').update({ Id: acme, ParentId: holding })
  await until(async () => {
    const { words } = await world.get<{ words: string }>(`/api/explain/customer/${CUSTOMER}/parent`)
    return words === 'Customer Acme Holding'
  })
})
