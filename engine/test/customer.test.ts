// A customer in both systems: each field is edited by its owner, with that system's own client, and appears in the other; and what
// a system makes of a value is accepted, not fought.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newAccount, newProduct, newQuote, startWorld, until, type World } from './world.ts'

const CUSTOMER = '10100002'
let world: World
let acme: string
let holding: string
let gear: string

beforeAll(async () => {
  world = await startWorld({
    before: async org => {
      acme = await newAccount(org, 'Acme', CUSTOMER)
      holding = await newAccount(org, 'Acme Holding', '10100003')
      gear = await newProduct(org, 'Gear', 'TG11')
    },
  })
}, 90_000)
afterAll(() => world?.close())

const edit = (fields: Record<string, unknown>): Promise<unknown> =>
  world.org.sobject('Account').update({ Id: acme, ...fields })
const account = async (): Promise<Record<string, unknown>> => ({
  ...(await world.org.sobject('Account').retrieve(acme)),
})

/** SAP's own interface, as its clients use it. */
const sap = (path: string): string => `${world.s4.url}/sap/opu/odata/sap/API_BUSINESS_PARTNER/${path}`
const LOGON = { authorization: `Basic ${Buffer.from('clerk:clerk').toString('base64')}`, accept: 'application/json' }
type Address = {
  readonly StreetName: string
  readonly PostalCode: string
  readonly CityName: string
  readonly Country: string
  readonly to_EmailAddress: { readonly results: readonly object[] }
}
type Partner = {
  readonly OrganizationBPName1: string
  readonly OrganizationBPName2: string
  readonly to_BusinessPartnerAddress: { readonly results: readonly Address[] }
  readonly to_BusinessPartnerTax: {
    readonly results: readonly { readonly BPTaxType: string; readonly BPTaxNumber: string }[]
  }
}
async function partner(): Promise<Partner> {
  const path = `A_BusinessPartner('${CUSTOMER}')?$expand=to_BusinessPartnerAddress/to_EmailAddress,to_BusinessPartnerTax`
  return ((await (await fetch(sap(path), { headers: LOGON })).json()) as { d: Partner }).d
}
async function patchInSap(path: string, body: object): Promise<number> {
  const opened = await fetch(sap(''), { headers: { ...LOGON, 'x-csrf-token': 'Fetch' } })
  const headers = {
    ...LOGON,
    'content-type': 'application/json',
    'x-csrf-token': opened.headers.get('x-csrf-token') ?? '',
    cookie: opened.headers
      .getSetCookie()
      .map(cookie => cookie.split(';')[0])
      .join('; '),
    'if-match': '*',
  }
  return (await fetch(sap(path), { method: 'PATCH', headers, body: JSON.stringify(body) })).status
}
const area = `A_CustomerSalesArea(Customer='${CUSTOMER}',SalesOrganization='1010',DistributionChannel='10',Division='00')`

/** Everything that we wrote to the customer, in either system. */
async function writes(): Promise<number> {
  const [inSales, inS4] = await Promise.all([
    world.journal(world.salesforce, 'Account'),
    world.journal(world.s4, 'A_BusinessPartner'),
  ])
  return [...inSales, ...inS4].filter(entry => entry.by !== 'sandbox-admin' && entry.by !== 'clerk').length
}
/** Both systems have been told what there is to tell. */
const atRest = (): Promise<unknown> =>
  until(async () => {
    const { systems } = await world.get<{ systems: { now: { queue: number } | null }[] }>('/api/systems')
    return systems.every(one => (one.now?.queue ?? 0) === 0)
  })

test('sales moves the customer: the address in the ERP follows, all of it', async () => {
  const before = (await partner()).to_BusinessPartnerAddress.results[0]
  expect(before).toMatchObject({ CityName: 'Berlin', Country: 'DE' })
  await edit({
    BillingStreet: 'Invalidenstr. 1',
    BillingPostalCode: '10115',
    BillingCity: 'Berlin',
    BillingCountry: 'DE',
  })
  await until(async () => (await partner()).to_BusinessPartnerAddress.results[0]?.StreetName === 'Invalidenstr. 1')
  await edit({
    BillingStreet: 'Place Bellecour 3',
    BillingPostalCode: '69002',
    BillingCity: 'Lyon',
    BillingCountry: 'FR',
  })
  const there = await until(async () => {
    const { results } = (await partner()).to_BusinessPartnerAddress
    return results[0]?.CityName === 'Lyon' ? results : undefined
  })
  expect(there).toMatchObject([
    { StreetName: 'Place Bellecour 3', PostalCode: '69002', CityName: 'Lyon', Country: 'FR' },
  ])
})

test('registered name, e-mail and VAT number that sales enters reach the ERP; the number under its country', async () => {
  await edit({
    Legal_Name__c: 'Acme Société Anonyme',
    Invoice_Email__c: 'factures@acme.example',
    VAT_Number__c: 'FR12345678901',
  })
  const there = await until(async () => {
    const now = await partner()
    return now.to_BusinessPartnerTax.results.length > 0 ? now : undefined
  })
  expect(there.OrganizationBPName2).toBe('Acme Société Anonyme')
  expect(there.to_BusinessPartnerAddress.results[0]?.to_EmailAddress.results).toMatchObject([
    { EmailAddress: 'factures@acme.example', IsDefaultEmailAddress: true },
  ])
  expect(there.to_BusinessPartnerTax.results).toMatchObject([{ BPTaxType: 'FR0', BPTaxNumber: 'FR12345678901' }])
})

test('what the ERP makes of a number is accepted: sales keeps what it wrote, and nothing is written again and again', async () => {
  await edit({ VAT_Number__c: 'fr 987 654 321 00' })
  await until(async () => (await partner()).to_BusinessPartnerTax.results[0]?.BPTaxNumber === 'FR98765432100')
  await atRest()
  expect((await account()).VAT_Number__c).toBe('fr 987 654 321 00')
  const before = await writes()
  // Three rounds of other news in both systems: who would fight, fights now.
  for (const name of ['Acme Lyon', 'Acme France', 'Acme']) {
    await edit({ Name: name })
    await until(async () => (await partner()).OrganizationBPName1 === name)
  }
  await atRest()
  expect(await writes()).toBe(before + 3)
  expect((await partner()).to_BusinessPartnerTax.results[0]?.BPTaxNumber).toBe('FR98765432100')
})

test('finance changes the payment terms in the ERP, and sales sees them in its own words', async () => {
  expect(await patchInSap(area, { CustomerPaymentTerms: 'NT30' })).toBe(204)
  await until(async () => (await account()).Payment_Terms__c === 'Net 30')
  expect(await patchInSap(area, { CustomerPaymentTerms: '0002' })).toBe(204)
  await until(async () => (await account()).Payment_Terms__c === '2/14 Net 30')
})

test('sales cannot change what finance agreed: it is put right, and the account says so', async () => {
  await edit({ Payment_Terms__c: 'Net 60' })
  await until(async () => String((await account()).Plumbline_Note__c ?? '') !== '')
  expect(await account()).toMatchObject({ Payment_Terms__c: '2/14 Net 30' })
})

test('sales names who pays: the ERP knows, and the next order is to be paid by them', async () => {
  await edit({ Payer__c: holding })
  await until(async () => (await functions()).some(one => one.PartnerFunction === 'PY'))
  expect(await functions()).toMatchObject([{ PartnerFunction: 'PY', BPCustomerNumber: '10100003' }])

  const quote = await newQuote(world.org, acme, [{ product: gear, quantity: 2, price: 15 }])
  const order = await until(async () => {
    const { results } = await odata<{ results: Sold[] }>(
      `API_SALES_ORDER_SRV/A_SalesOrder?$filter=PurchaseOrderByCustomer eq '${quote.number}'&$expand=to_Partner`,
    )
    return results[0]
  })
  expect(order.SoldToParty).toBe(CUSTOMER)
  expect(order.to_Partner.results.find(one => one.PartnerFunction === 'PY')?.Customer).toBe('10100003')

  await edit({ Payer__c: null })
  await until(async () => (await functions()).length === 0)
})

type Sold = {
  readonly SoldToParty: string
  readonly to_Partner: { readonly results: readonly { readonly PartnerFunction: string; readonly Customer: string }[] }
}
type Standing = { readonly PartnerFunction: string; readonly BPCustomerNumber: string }
const functions = async (): Promise<readonly Standing[]> =>
  (await odata<{ results: readonly Standing[] }>(`API_BUSINESS_PARTNER/${area}/to_PartnerFunction`)).results
const odata = async <D>(path: string): Promise<D> =>
  ((await (await fetch(`${world.s4.url}/sap/opu/odata/sap/${path}`, { headers: LOGON })).json()) as { d: D }).d
