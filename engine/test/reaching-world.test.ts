// A customer with several e-mail addresses and phones, and with a customer above it: lines that are told apart by what they say, edited by
// both sides, and a hierarchy that follows its members.
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

/** One more way to reach a customer: what it is called on either side, and what the value's own field is there. */
type Way = {
  readonly list: string
  readonly label: string
  readonly object: string
  readonly children: string
  readonly native: string
  readonly type: 'email' | 'phone'
  readonly sap: { readonly list: string; readonly set: string; readonly field: string }
}
const EMAILS: Way = {
  list: 'emails',
  label: 'E-mail',
  object: 'Email_Address__c',
  children: 'Email_Addresses',
  native: 'Address__c',
  type: 'email',
  sap: { list: 'to_EmailAddress', set: 'A_AddressEmailAddress', field: 'EmailAddress' },
}
const PHONES: Way = {
  list: 'phones',
  label: 'Phone',
  object: 'Phone_Number__c',
  children: 'Phone_Numbers',
  native: 'Number__c',
  type: 'phone',
  sap: { list: 'to_PhoneNumber', set: 'A_AddressPhoneNumber', field: 'PhoneNumber' },
}
const WAYS = [EMAILS, PHONES]
const each = <T>(of: (way: Way) => readonly [string, T]): Readonly<Record<string, T>> =>
  Object.fromEntries(WAYS.map(of))

const withMore = (customer: AnyContract): AnyContract => ({
  ...customer,
  fields: {
    ...customer.fields,
    parent: ref({ contract: 'customer' }, 'Parent').ownedBy('crm').optional(),
    ...each(({ list, label }) => [
      list,
      linesOf(
        `${label}s`,
        { keyedBy: 'value' },
        { value: text(label), purpose: text('Purpose').ownedBy('crm').optional() },
      ).sharedBy(['crm', 'erp'], { agreed: 'keep both', because: 'both sides speak with the customer' }),
    ]),
  },
})
function mapped(mapping: Mapping, role: string): Mapping {
  if (mapping.contract !== 'customer') return mapping
  const isOurs = role === 'crm'
  const more: Record<string, AnyRule> = {
    email: { skip: 'one of its e-mails' },
    parent: isOurs ? 'ParentId' : { skip: 'the ERP keeps no hierarchy' },
    ...each<AnyRule>(({ list, children, native, sap }) => [
      list,
      isOurs
        ? { each: `${children}__r`, id: 'Id', key: native, fields: { value: native, purpose: 'Purpose__c' } }
        : {
            ...{ each: sap.list, id: 'OrdinalNumber', key: sap.field },
            fields: { value: sap.field, purpose: 'AddressCommunicationRemarkText' },
          },
    ]),
  }
  return { ...mapping, rules: { ...mapping.rules, ...more } }
}
const accountsIn = ({ connector }: Instance) => {
  const fields: Fields = {
    ...(connector.objects.Account?.fields as Fields),
    ParentId: lookup('Account', 'Parent'),
    ...each(({ children, label, native }) => [
      `${children}__r`,
      listOf(`${label}s`, { Id: id(), [native]: text(label), Purpose__c: text('Purpose') }),
    ]),
  }
  const lists = each(({ children, object }) => [`${children}__r`, { object, parent: 'Account__c' }])
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
  for (const { object, label, children, native, type } of WAYS) {
    metadata.channels.Plumbline__chn.push(object)
    const fields = {
      Account__c: { type: 'reference', label: 'Account', referenceTo: 'Account', childRelationshipName: children },
      [native]: { type, label },
      Purpose__c: { type: 'string', label: 'Purpose', length: 50 },
    }
    metadata.objects[object] = { label, nameField: { type: 'autoNumber', format: 'NUM-{00000}' }, fields }
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

type Line = Readonly<Record<string, string | null>>
const inSales = async ({ object, native }: Way): Promise<Line[]> =>
  (
    await world.org.query<Line>(
      `SELECT Id, ${native}, Purpose__c FROM ${object} WHERE Account__c = '${acme}' ORDER BY ${native}`,
    )
  ).records
const add = ({ object, native }: Way, value: string, Purpose__c: string) =>
  world.org.sobject(object).create({ Account__c: acme, [native]: value, Purpose__c })

const service = '/sap/opu/odata/sap/API_BUSINESS_PARTNER'
const asClerk = { authorization: `Basic ${btoa('clerk:clerk')}`, accept: 'application/json' }
async function addressInSap(): Promise<{ id: string; lines: (way: Way) => readonly Line[] }> {
  const expand = WAYS.map(({ sap }) => `to_BusinessPartnerAddress/${sap.list}`).join()
  const path = `${service}/A_BusinessPartner('${CUSTOMER}')?$expand=${expand}`
  type Told = { AddressID: string } & Record<string, { results: Line[] }>
  const { d } = (await (await fetch(world.s4.url + path, { headers: asClerk })).json()) as {
    d: { to_BusinessPartnerAddress: { results: [Told] } }
  }
  const [address] = d.to_BusinessPartnerAddress.results
  return { id: address.AddressID, lines: ({ sap }) => address[sap.list]?.results ?? [] }
}
const inSap = async (way: Way): Promise<string[]> =>
  (await addressInSap())
    .lines(way)
    .map(one => `${one[way.sap.field]} (${one.AddressCommunicationRemarkText})`)
    .sort()
const told = async (way: Way): Promise<string[]> =>
  (await inSales(way)).map(one => `${one[way.native]} (${one.Purpose__c ?? ''})`)
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
const agree = (way: Way, lines: readonly string[]) =>
  until(
    async () => (await told(way)).join() === lines.join() && (await inSap(way)).join() === lines.join(),
    30_000,
  ).catch(async () => {
    const problems = await world.get('/api/problems')
    throw new Error(JSON.stringify({ sales: await told(way), sap: await inSap(way), problems }))
  })

test.each([
  { what: 'e-mail addresses', way: EMAILS, said: ['billing@acme.example', 'dock@acme.example', 'sales@acme.example'] },
  { what: 'phones', way: PHONES, said: ['+49 30 100', '+49 30 200', '+49 30 300'] },
])(
  '$what that either side adds are kept by both; sales, whose their purpose is, takes them away, and the ERP does not',
  async ({ way, said: [billing, dock, sales] }) => {
    await add(way, String(billing), 'invoices')
    await agree(way, [`${billing} (invoices)`])
    const { id: AddressID } = await addressInSap()
    await Promise.all([
      add(way, String(sales), 'orders'),
      inSapDo('POST', way.sap.set, { AddressID, Person: '', [way.sap.field]: dock }),
    ])
    await agree(way, [`${billing} (invoices)`, `${dock} ()`, `${sales} (orders)`])
    const [first, second] = await inSales(way)
    await world.org.sobject(way.object).update({ Id: String(second?.Id), Purpose__c: 'deliveries' })
    await agree(way, [`${billing} (invoices)`, `${dock} (deliveries)`, `${sales} (orders)`])
    await world.org.sobject(way.object).delete(String(first?.Id))
    await agree(way, [`${dock} (deliveries)`, `${sales} (orders)`])
    const { lines } = await addressInSap()
    const number = lines(way).find(one => one[way.sap.field] === dock)?.OrdinalNumber
    await inSapDo('DELETE', `${way.sap.set}(AddressID='${AddressID}',Person='',OrdinalNumber='${number}')`)
    await agree(way, [`${dock} (deliveries)`, `${sales} (orders)`])
  },
)

test('a customer belongs to the customer that sales puts above it', async () => {
  await world.org.sobject('Account').update({ Id: acme, ParentId: holding })
  await until(async () => {
    const { words } = await world.get<{ words: string }>(`/api/explain/customer/${CUSTOMER}/parent`)
    return words === 'Customer Acme Holding'
  })
})
