// Business partners: one record of ours, in SAP a header with an address and its e-mails and phones, tax numbers and a sales area below it.
import {
  id,
  listOf,
  lookup,
  type Native,
  type NativeId,
  type NotWritten,
  Refused,
  text,
  Unavailable,
  type Write,
  type WriteEnd,
} from '@plumbline/sdk'
import type { S4Api } from './api.ts'
import type { Entity } from './entity.ts'
import { entities } from './objects.ts'
import { isRow, type Row, rowsIn } from './odata.ts'
import { entityIn } from './read.ts'
import { salesAreaIn } from './settings.ts'
import { addressOf, encodeFields, patchHeader, writeHeader, writtenNow } from './write.ts'

/** Below the header, by the names that SAP has for them there. */
const ADDRESS = ['StreetName', 'PostalCode', 'CityName', 'Region', 'Country'] as const
const EMAIL = 'EmailAddress'
/** All of the address: each is known by what it is, since SAP numbers them only within their address. */
const LISTS = {
  to_EmailAddress: { set: 'A_AddressEmailAddress', is: EMAIL },
  to_PhoneNumber: { set: 'A_AddressPhoneNumber', is: 'PhoneNumber' },
} as const
type ListName = keyof typeof LISTS
const LIST_NAMES = ['to_EmailAddress', 'to_PhoneNumber'] as const satisfies readonly ListName[]
const TERMS = 'CustomerPaymentTerms'
const TAX = 'VATRegistration'
/** Who else stands for the customer in our sales area, by SAP's name of the function. */
const FUNCTIONS = { ShipToParty: 'SH', BillToParty: 'BP', PayerParty: 'PY' } as const

const fields = {
  ...entities.BusinessPartner.fields,
  StreetName: text('Street'),
  PostalCode: text('Postal Code'),
  CityName: text('City'),
  Region: text('Region'),
  Country: text('Country'),
  /** The default one of the address. */
  EmailAddress: text('E-mail'),
  /** All of them, with what each is for. Map either this or the default one. */
  to_EmailAddress: listOf('E-mails', {
    OrdinalNumber: id('Number'),
    EmailAddress: text('E-mail'),
    AddressCommunicationRemarkText: text('Remark'),
  }),
  /** Land lines, with what each is for; SAP lists mobile phones by themselves. */
  to_PhoneNumber: listOf('Phones', {
    OrdinalNumber: id('Number'),
    PhoneNumber: text('Phone'),
    AddressCommunicationRemarkText: text('Remark'),
  }),
  /** The tax number of the kind that each country has for it: `DE0`, `FR0`. */
  VATRegistration: text('VAT Registration'),
  /** Those of the sales area of the settings. */
  CustomerPaymentTerms: text('Payment Terms'),
  ShipToParty: lookup('BusinessPartner', 'Ship-to Party'),
  BillToParty: lookup('BusinessPartner', 'Bill-to Party'),
  PayerParty: lookup('BusinessPartner', 'Payer'),
}
export const partnerFields = fields

/** A business partner as this connection sees it: of several sales areas, that of its settings. */
export function partnerOf({ settings }: Pick<S4Api, 'settings'>): Entity {
  const area = salesAreaOf(settings.salesArea)
  return {
    ...entities.BusinessPartner,
    fields,
    expand: [
      ...LIST_NAMES.map(name => `to_BusinessPartnerAddress/${name}`),
      'to_BusinessPartnerTax',
      'to_Customer/to_CustomerSalesArea/to_PartnerFunction',
    ],
    read: {
      ...Object.fromEntries(
        ADDRESS.map(name => [
          name,
          { columns: [`to_BusinessPartnerAddress/${name}`], of: row => addressIn(row)?.[name] },
        ]),
      ),
      [EMAIL]: {
        columns: ['OrdinalNumber', 'IsDefaultEmailAddress', EMAIL].map(
          column => `to_BusinessPartnerAddress/to_EmailAddress/${column}`,
        ),
        of: row => emailIn(row)?.[EMAIL],
      },
      ...Object.fromEntries(
        LIST_NAMES.map(name => [
          name,
          {
            columns: ['OrdinalNumber', LISTS[name].is, 'AddressCommunicationRemarkText'].map(
              column => `to_BusinessPartnerAddress/${name}/${column}`,
            ),
            of: (row: Row) => addressIn(row)?.[name],
          },
        ]),
      ),
      [TAX]: {
        columns: ['BPTaxType', 'BPTaxNumber'].map(column => `to_BusinessPartnerTax/${column}`),
        of: row => taxIn(row, kindOf(addressIn(row)))?.BPTaxNumber,
      },
      [TERMS]: {
        columns: [...Object.keys(area), TERMS].map(column => `to_Customer/to_CustomerSalesArea/${column}`),
        of: row => areaIn(row, area)?.[TERMS],
      },
      ...Object.fromEntries(
        Object.entries(FUNCTIONS).map(([name, code]) => [
          name,
          {
            columns: ['PartnerFunction', 'BPCustomerNumber'].map(
              column => `to_Customer/to_CustomerSalesArea/to_PartnerFunction/${column}`,
            ),
            of: row => functionIn(row, area, code)?.BPCustomerNumber,
          },
        ]),
      ),
    },
  }
}

/** A sales area calls the division otherwise than an order does. */
function salesAreaOf(setting: string): Readonly<Record<string, string>> {
  const { OrganizationDivision: Division, ...area } = salesAreaIn(setting)
  return { ...area, Division }
}

/** The first is the standard address. */
const addressIn = (row: Row): Row | undefined => rowsIn(row.to_BusinessPartnerAddress)[0]
const emailIn = (row: Row): Row | undefined => {
  const emails = rowsIn(addressIn(row)?.to_EmailAddress)
  return emails.find(email => email.IsDefaultEmailAddress === true) ?? emails[0]
}
const taxIn = (row: Row, kind: string): Row | undefined =>
  rowsIn(row.to_BusinessPartnerTax).find(tax => tax.BPTaxType === kind)
const kindOf = (address: Row | undefined): string => `${String(address?.Country ?? '')}0`
const areaIn = (row: Row, area: Readonly<Record<string, string>>): Row | undefined =>
  (isRow(row.to_Customer) ? rowsIn(row.to_Customer.to_CustomerSalesArea) : []).find(one =>
    Object.entries(area).every(([name, value]) => one[name] === value),
  )

const functionIn = (row: Row, area: Readonly<Record<string, string>>, code: string): Row | undefined =>
  rowsIn(areaIn(row, area)?.to_PartnerFunction).find(one => one.PartnerFunction === code)

/** What is below the header is written after it, each part by itself: the same change sent again brings about the same. */
export async function writePartner(api: S4Api, write: Write): Promise<WriteEnd> {
  const entity = partnerOf(api)
  const { id } = write
  const inside = [...ADDRESS, EMAIL, TAX, TERMS, ...Object.keys(FUNCTIONS)]
  const lists = LIST_NAMES.filter(name => write.lists[name] !== undefined)
  if (id === undefined || write.close || !(lists.length > 0 || inside.some(name => name in write.fields)))
    return writeHeader(api, entity, write)
  const part = (names: readonly string[]): Native =>
    Object.fromEntries(Object.entries(write.fields).filter(([name]) => names.includes(name)))
  const header = Object.fromEntries(Object.entries(write.fields).filter(([name]) => !inside.includes(name)))
  try {
    const row = await current(api, entity, id)
    const address = { ...addressIn(row), ...encodeFields(entity, part(ADDRESS), false) }
    const steps: (() => Promise<NotWritten | undefined>)[] = [
      () => patchHeader(api, entity, id, encodeFields(entity, header, false), write.token, write.mayStillSend),
      () => writeAddress(api, entity, id, addressIn(row), encodeFields(entity, part(ADDRESS), false)),
      () => writeEmail(api, entity, id, part([EMAIL])),
      ...lists.map(name => () => writeList(api, entity, id, name, write.lists[name])),
      () => writeTax(api, entity, id, row, kindOf(address), part([TAX])),
      () => writeTerms(api, entity, row, encodeFields(entity, part([TERMS]), false)),
      ...Object.entries(FUNCTIONS).map(
        ([name, code]) =>
          () =>
            writeFunction(api, entity, row, code, write.fields[name]),
      ),
    ]
    for (const step of steps) {
      const failed = await step()
      if (failed) return failed
    }
    return await writtenNow(api, entity, id)
  } catch (error) {
    // The read before the first write failed: nothing was sent.
    if (error instanceof Refused) return { end: 'refused', reason: error.message }
    if (!(error instanceof Unavailable)) throw error
    const { message: reason, retryAfterMs, systemIsDown } = error
    return { end: 'unavailable', reason, ...(retryAfterMs !== undefined && { retryAfterMs }), systemIsDown }
  }
}

async function current(api: S4Api, entity: Entity, id: string): Promise<Row> {
  const path = `${addressOf(entity.set, { BusinessPartner: id })}?$expand=${entity.expand?.join(',')}`
  return entityIn((await api.http.get(entity.service, path, entity.object)).json, entity.object)
}

async function writeAddress(
  api: S4Api,
  entity: Entity,
  BusinessPartner: string,
  known: Row | undefined,
  body: Native,
): Promise<NotWritten | undefined> {
  if (Object.keys(body).length === 0) return undefined
  const set = 'A_BusinessPartnerAddress'
  return known
    ? send(api, entity, 'PATCH', addressOf(set, { BusinessPartner, AddressID: String(known.AddressID) }), body)
    : send(api, entity, 'POST', set, { BusinessPartner, ...body })
}

/** Read anew: the address may have been made a moment ago. */
async function writeEmail(
  api: S4Api,
  entity: Entity,
  id: string,
  { [EMAIL]: email }: Native,
): Promise<NotWritten | undefined> {
  if (email === undefined) return undefined
  const row = await current(api, entity, id)
  const set = 'A_AddressEmailAddress'
  const AddressID = addressIn(row)?.AddressID
  const known = emailIn(row)
  const key = { AddressID: String(AddressID), Person: '', OrdinalNumber: String(known?.OrdinalNumber) }
  if (email === null) return known ? send(api, entity, 'DELETE', addressOf(set, key)) : undefined
  if (typeof AddressID !== 'string') return noAddress(id)
  const body = { [EMAIL]: String(email) }
  return known
    ? send(api, entity, 'PATCH', addressOf(set, key), body)
    : send(api, entity, 'POST', set, { AddressID, Person: '', IsDefaultEmailAddress: true, ...body })
}

/** Sent again, after an answer was lost, none is there twice and none is missed that is gone. */
async function writeList(
  api: S4Api,
  entity: Entity,
  partner: NativeId,
  name: ListName,
  changes: Write['lists'][string] | undefined,
): Promise<NotWritten | undefined> {
  if (!changes) return undefined
  const { add, change, remove } = changes
  const { set, is } = LISTS[name]
  const address = addressIn(await current(api, entity, partner))
  if (!address) return noAddress(partner)
  const AddressID = String(address.AddressID)
  const known = rowsIn(address[name])
  const at = (OrdinalNumber: string): string => addressOf(set, { AddressID, Person: '', OrdinalNumber })
  const isThere = (number: NativeId): boolean => known.some(one => one.OrdinalNumber === number)
  const steps = [
    ...add
      .filter(one => !known.some(other => other[is] === one[is]))
      .map(one => () => send(api, entity, 'POST', set, { AddressID, Person: '', ...inText(one) })),
    ...change.map(
      ({ id: number, ...body }) =>
        () =>
          send(api, entity, 'PATCH', at(number), inText(body)),
    ),
    ...remove.filter(isThere).map(number => () => send(api, entity, 'DELETE', at(number))),
  ]
  for (const step of steps) {
    const failed = await step()
    if (failed) return failed
  }
  return undefined
}
const inText = (one: Native): Native =>
  Object.fromEntries(Object.entries(one).map(([name, value]) => [name, String(value ?? '')]))

const noAddress = (partner: string): NotWritten => ({
  end: 'refused',
  reason: `S/4HANA: business partner ${partner} has no address, and keeps its e-mails and phones there`,
  todo: 'Enter an address first.',
})

async function writeTax(
  api: S4Api,
  entity: Entity,
  BusinessPartner: string,
  row: Row,
  BPTaxType: string,
  { [TAX]: number }: Native,
): Promise<NotWritten | undefined> {
  if (number === undefined) return undefined
  const set = 'A_BusinessPartnerTaxNumber'
  const path = addressOf(set, { BusinessPartner, BPTaxType })
  const known = taxIn(row, BPTaxType)
  if (number === null) return known ? send(api, entity, 'DELETE', path) : undefined
  const body = { BPTaxNumber: String(number) }
  return known
    ? send(api, entity, 'PATCH', path, body)
    : send(api, entity, 'POST', set, { BusinessPartner, BPTaxType, ...body })
}

async function writeTerms(api: S4Api, entity: Entity, row: Row, body: Native): Promise<NotWritten | undefined> {
  if (Object.keys(body).length === 0) return undefined
  const area = salesAreaOf(api.settings.salesArea)
  const Customer = String(row.Customer ?? '')
  if (!areaIn(row, area)) return withoutArea(row, area)
  return send(api, entity, 'PATCH', addressOf('A_CustomerSalesArea', { Customer, ...area }), body)
}

const withoutArea = (row: Row, area: Readonly<Record<string, string>>): NotWritten => ({
  end: 'refused',
  reason: `S/4HANA: customer ${row.Customer || row.BusinessPartner} has no sales area ${Object.values(area).join('/')}`,
  todo: 'Extend the customer to that sales area in S/4HANA.',
})

async function writeFunction(
  api: S4Api,
  entity: Entity,
  row: Row,
  PartnerFunction: string,
  who: unknown,
): Promise<NotWritten | undefined> {
  if (who === undefined) return undefined
  const area = salesAreaOf(api.settings.salesArea)
  if (!areaIn(row, area)) return withoutArea(row, area)
  const set = 'A_CustSalesPartnerFunc'
  const key = { Customer: String(row.Customer ?? ''), ...area }
  const known = functionIn(row, area, PartnerFunction)
  const path = addressOf(set, { ...key, PartnerCounter: String(known?.PartnerCounter ?? ''), PartnerFunction })
  if (who === null || who === '') return known ? send(api, entity, 'DELETE', path) : undefined
  const body = { BPCustomerNumber: String(who) }
  return known
    ? send(api, entity, 'PATCH', path, body)
    : send(api, entity, 'POST', set, { ...key, PartnerFunction, ...body })
}

async function send(
  api: S4Api,
  { service, object }: Entity,
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: Native,
): Promise<NotWritten | undefined> {
  const outcome = await api.http.send({
    method,
    service,
    path,
    ...(body && { body }),
    ifMatch: '*',
    of: object,
    isCreate: method === 'POST',
  })
  return outcome.ok ? undefined : outcome.end
}
