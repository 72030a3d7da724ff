// Business partners: creating them with addresses and roles, the customers they become, and their changes.
import { randomUUID } from 'node:crypto'
import {
  type Address,
  address,
  type BusinessPartner,
  businessPartner,
  type Customer,
  type CustomerSalesArea,
  customer,
  customerSalesArea,
  type EmailAddress,
  emailAddress,
  type PartnerFunction,
  type PhoneNumber,
  partnerFunction,
  partnerRole,
  phoneNumber,
  type TaxNumber,
  taxNumber,
} from '../documents/partner.ts'
import { notFound, refused } from '../odata/errors.ts'
import { blank, type InputOf } from '../odata/model.ts'
import { type Call, dayOf, timeOf } from './call.ts'
import { salesAreaOf } from './organisation.ts'
import type { World } from './world.ts'

export type PartnerInput = InputOf<typeof businessPartner>
type CustomerInput = InputOf<typeof customer>
type SalesAreaInput = InputOf<typeof customerSalesArea>
type AddressInput = InputOf<typeof address>
type FunctionInput = InputOf<typeof partnerFunction>
type EmailInput = InputOf<typeof emailAddress>
type PhoneInput = InputOf<typeof phoneNumber>
type TaxInput = InputOf<typeof taxNumber>

const CUSTOMER_ROLE = 'FLCU01'
const ROLES = ['FLCU00', CUSTOMER_ROLE, 'FLVN00', 'FLVN01', 'BUP001', 'UKM000', 'BUP003']

export function createPartner(world: World, input: PartnerInput, call: Call): BusinessPartner {
  const { to_BusinessPartnerAddress, to_BusinessPartnerRole, to_BusinessPartnerTax, to_Customer, ...fields } = input
  const category = fields.BusinessPartnerCategory ?? ''
  if (!['1', '2', '3'].includes(category)) {
    throw refused('R11/124', `Business partner category ${category} does not exist`, 'BusinessPartnerCategory')
  }
  const id = fields.BusinessPartner || world.store.next('partner', 10100006)
  if (world.partners.get(id)) throw refused('R1/127', `Business partner ${id} already exists`, 'BusinessPartner')
  const plain: BusinessPartner = {
    ...blank(businessPartner),
    BusinessPartnerGrouping: 'BP02',
    Language: 'EN',
    ...fields,
    BusinessPartner: id,
    BusinessPartnerUUID: randomUUID(),
    CreatedByUser: call.by,
    CreationDate: dayOf(call.at),
    CreationTime: timeOf(call.at),
    to_BusinessPartnerAddress: (to_BusinessPartnerAddress ?? []).map(each => newAddress(world, id, each)),
    to_BusinessPartnerTax: (to_BusinessPartnerTax ?? []).map(each => newTaxNumber(id, each)),
  }
  const roles = [...new Set((to_BusinessPartnerRole ?? []).map(each => each.BusinessPartnerRole ?? ''))]
  const named = withNames(plain)
  const withRoles = roles.reduce((partner, role) => inRole(partner, role, call), named)
  const partner = to_Customer ? withCustomer(withRoles, to_Customer) : withRoles
  world.partners.put(partner)
  return partner
}

function withNames(partner: BusinessPartner): BusinessPartner {
  const person = partner.BusinessPartnerCategory === '1'
  const name = person
    ? `${partner.FirstName} ${partner.LastName}`.trim()
    : [partner.OrganizationBPName1, partner.OrganizationBPName2].filter(part => part !== '').join(' ')
  if (name === '') {
    const field = person ? 'LastName' : 'OrganizationBPName1'
    throw refused('R1/001', `Enter a name for business partner ${partner.BusinessPartner}`, field)
  }
  const to_Customer = partner.to_Customer && { ...partner.to_Customer, CustomerName: name.slice(0, 80) }
  return { ...partner, BusinessPartnerFullName: name, BusinessPartnerName: name, to_Customer }
}

function inRole(partner: BusinessPartner, role: string, call: Call): BusinessPartner {
  if (!ROLES.includes(role))
    throw refused('R11/144', `Business partner role ${role} does not exist`, 'BusinessPartnerRole')
  const id = partner.BusinessPartner
  const to_BusinessPartnerRole = [
    ...partner.to_BusinessPartnerRole,
    { ...blank(partnerRole), BusinessPartner: id, BusinessPartnerRole: role },
  ]
  if (role !== CUSTOMER_ROLE) return { ...partner, to_BusinessPartnerRole }
  // The customer of a business partner carries the same number.
  const to_Customer: Customer = {
    ...blank(customer),
    Customer: id,
    CustomerName: partner.BusinessPartnerName.slice(0, 80),
    CustomerAccountGroup: 'CUST',
    CreationDate: dayOf(call.at),
  }
  return { ...partner, Customer: id, to_BusinessPartnerRole, to_Customer }
}

function withCustomer(partner: BusinessPartner, input: CustomerInput): BusinessPartner {
  if (!partner.to_Customer) {
    throw refused(
      'CVI/030',
      `Business partner ${partner.BusinessPartner} needs role ${CUSTOMER_ROLE} to be a customer`,
      'to_Customer',
    )
  }
  const { to_CustomerSalesArea, ...fields } = input
  const areas = (to_CustomerSalesArea ?? []).map(each => newSalesArea(partner.BusinessPartner, each))
  const to_Customer = {
    ...partner.to_Customer,
    ...fields,
    Customer: partner.BusinessPartner,
    to_CustomerSalesArea: areas,
  }
  return { ...partner, to_Customer }
}

function newSalesArea(id: string, input: SalesAreaInput): CustomerSalesArea {
  const area = salesAreaOf(input.SalesOrganization ?? '', input.DistributionChannel ?? '', input.Division ?? '')
  const { to_PartnerFunction: _functions, ...fields } = input
  return { ...blank(customerSalesArea), ...fields, Customer: id, Currency: input.Currency || area.currency }
}

function newAddress(world: World, id: string, input: AddressInput): Address {
  const { to_EmailAddress = [], to_PhoneNumber = [], ...fields } = input
  const AddressID = world.store.next('address', 22501)
  const plain = checkedAddress({ ...blank(address), ...fields, BusinessPartner: id, AddressID })
  const mailed = to_EmailAddress.reduce<Address>((row, each) => withEmail(row, each)[0], plain)
  return to_PhoneNumber.reduce<Address>((row, each) => withPhone(row, each)[0], mailed)
}

function checkedAddress(row: Address): Address {
  if (/^[A-Z]{2}$/.test(row.Country)) return row
  throw refused('AM/229', row.Country === '' ? 'Enter a country' : `Country ${row.Country} is not defined`, 'Country')
}

/** E-mail addresses and phones are numbered within their address. */
const nextIn = (known: readonly { readonly OrdinalNumber: string }[]): string =>
  String(Math.max(0, ...known.map(each => Number(each.OrdinalNumber))) + 1)

/** The address with one more e-mail address, and that one; the first is the default. */
function withEmail(row: Address, input: EmailInput): [Address, EmailAddress] {
  const { AddressID, to_EmailAddress: known } = row
  const OrdinalNumber = nextIn(known)
  const IsDefaultEmailAddress = input.IsDefaultEmailAddress ?? known.length === 0
  const added = checkedEmail({ ...blank(emailAddress), ...input, AddressID, OrdinalNumber, IsDefaultEmailAddress })
  return [{ ...row, to_EmailAddress: [...known, added] }, added]
}

/** The same for phones, each in the country of its address unless the caller says another. */
function withPhone(row: Address, input: PhoneInput): [Address, PhoneNumber] {
  const { AddressID, Country: DestinationLocationCountry, to_PhoneNumber: known } = row
  const OrdinalNumber = nextIn(known)
  const IsDefaultPhoneNumber = input.IsDefaultPhoneNumber ?? known.length === 0
  const plain = { ...blank(phoneNumber), DestinationLocationCountry, ...input }
  const added = checkedPhone({ ...plain, AddressID, OrdinalNumber, IsDefaultPhoneNumber })
  return [{ ...row, to_PhoneNumber: [...known, added] }, added]
}

function checkedPhone(row: PhoneNumber): PhoneNumber {
  if (/\d/.test(row.PhoneNumber)) return row
  throw refused('AM/890', `"${row.PhoneNumber}" is no phone number`, 'PhoneNumber')
}

function checkedEmail(row: EmailAddress): EmailAddress {
  if (/^[^\s@]+@[^\s@]+$/.test(row.EmailAddress)) return row
  throw refused('AM/891', `"${row.EmailAddress}" is no e-mail address`, 'EmailAddress')
}

function newTaxNumber(id: string, input: TaxInput): TaxNumber {
  return checkedTaxNumber({ ...blank(taxNumber), ...input, BusinessPartner: id })
}

/** Kept without blanks and in capitals, however it was entered. */
function checkedTaxNumber(row: TaxNumber): TaxNumber {
  if (!/^[A-Z]{2}[0-9A-Z]$/.test(row.BPTaxType))
    throw refused('FS/001', `Tax number category ${row.BPTaxType} is not defined`, 'BPTaxType')
  return { ...row, BPTaxNumber: row.BPTaxNumber.replace(/\s/g, '').toUpperCase() }
}

function partnerOf(world: World, id: string): BusinessPartner {
  const found = world.partners.get(id)
  if (!found) throw notFound(`Business partner ${id} does not exist`)
  return found
}

function save(world: World, partner: BusinessPartner, call: Call): void {
  world.partners.put({
    ...partner,
    LastChangedByUser: call.by,
    LastChangeDate: dayOf(call.at),
    LastChangeTime: timeOf(call.at),
  })
}

export function changePartner(world: World, id: string, input: PartnerInput, call: Call): void {
  const {
    to_BusinessPartnerAddress: _a,
    to_BusinessPartnerRole: _r,
    to_BusinessPartnerTax: _t,
    to_Customer: _c,
    ...fields
  } = input
  save(world, withNames({ ...partnerOf(world, id), ...fields }), call)
}

export function addAddress(world: World, input: AddressInput, call: Call): Address {
  const partner = partnerOf(world, input.BusinessPartner ?? '')
  const added = newAddress(world, partner.BusinessPartner, input)
  save(world, { ...partner, to_BusinessPartnerAddress: [...partner.to_BusinessPartnerAddress, added] }, call)
  return added
}

export function changeAddress(world: World, row: Address, input: AddressInput, call: Call): void {
  const partner = partnerOf(world, row.BusinessPartner)
  const { to_EmailAddress: _emails, to_PhoneNumber: _phones, ...fields } = input
  const changed = checkedAddress({ ...row, ...fields })
  const addresses = partner.to_BusinessPartnerAddress.map(each => (each.AddressID === row.AddressID ? changed : each))
  save(world, { ...partner, to_BusinessPartnerAddress: addresses }, call)
}

export function removeAddress(world: World, row: Address, call: Call): void {
  const partner = partnerOf(world, row.BusinessPartner)
  const addresses = partner.to_BusinessPartnerAddress.filter(each => each.AddressID !== row.AddressID)
  save(world, { ...partner, to_BusinessPartnerAddress: addresses }, call)
}

/** The partner to whom an address belongs. */
function ownerOf(world: World, id: string): { partner: BusinessPartner; row: Address } {
  for (const partner of world.partners.values()) {
    const row = partner.to_BusinessPartnerAddress.find(each => each.AddressID === id)
    if (row) return { partner, row }
  }
  throw notFound(`Address ${id} does not exist`)
}

function saveAddress(world: World, { partner, row }: ReturnType<typeof ownerOf>, changed: Address, call: Call): void {
  const addresses = partner.to_BusinessPartnerAddress.map(each => (each === row ? changed : each))
  save(world, { ...partner, to_BusinessPartnerAddress: addresses }, call)
}

export function addEmail(world: World, input: EmailInput, call: Call): EmailAddress {
  const owner = ownerOf(world, input.AddressID ?? '')
  const [changed, added] = withEmail(owner.row, input)
  saveAddress(world, owner, changed, call)
  return added
}

export function changeEmail(world: World, row: EmailAddress, input: EmailInput, call: Call): void {
  const owner = ownerOf(world, row.AddressID)
  const emails = owner.row.to_EmailAddress.map(each =>
    each.OrdinalNumber === row.OrdinalNumber ? checkedEmail({ ...each, ...input }) : each,
  )
  saveAddress(world, owner, { ...owner.row, to_EmailAddress: emails }, call)
}

export function removeEmail(world: World, row: EmailAddress, call: Call): void {
  const owner = ownerOf(world, row.AddressID)
  const emails = owner.row.to_EmailAddress.filter(each => each.OrdinalNumber !== row.OrdinalNumber)
  saveAddress(world, owner, { ...owner.row, to_EmailAddress: emails }, call)
}

export function addPhone(world: World, input: PhoneInput, call: Call): PhoneNumber {
  const owner = ownerOf(world, input.AddressID ?? '')
  const [changed, added] = withPhone(owner.row, input)
  saveAddress(world, owner, changed, call)
  return added
}

export function changePhone(world: World, row: PhoneNumber, input: PhoneInput, call: Call): void {
  const owner = ownerOf(world, row.AddressID)
  const phones = owner.row.to_PhoneNumber.map(each =>
    each.OrdinalNumber === row.OrdinalNumber ? checkedPhone({ ...each, ...input }) : each,
  )
  saveAddress(world, owner, { ...owner.row, to_PhoneNumber: phones }, call)
}

export function removePhone(world: World, row: PhoneNumber, call: Call): void {
  const owner = ownerOf(world, row.AddressID)
  const phones = owner.row.to_PhoneNumber.filter(each => each.OrdinalNumber !== row.OrdinalNumber)
  saveAddress(world, owner, { ...owner.row, to_PhoneNumber: phones }, call)
}

export function addTaxNumber(world: World, input: TaxInput, call: Call): TaxNumber {
  const partner = partnerOf(world, input.BusinessPartner ?? '')
  const added = newTaxNumber(partner.BusinessPartner, input)
  if (partner.to_BusinessPartnerTax.some(each => each.BPTaxType === added.BPTaxType)) {
    const sentence = `Business partner ${partner.BusinessPartner} already has a tax number ${added.BPTaxType}`
    throw refused('R11/151', sentence, 'BPTaxType')
  }
  save(world, { ...partner, to_BusinessPartnerTax: [...partner.to_BusinessPartnerTax, added] }, call)
  return added
}

export function changeTaxNumber(world: World, row: TaxNumber, input: TaxInput, call: Call): void {
  const partner = partnerOf(world, row.BusinessPartner)
  const changed = checkedTaxNumber({ ...row, ...input })
  const numbers = partner.to_BusinessPartnerTax.map(each => (each.BPTaxType === row.BPTaxType ? changed : each))
  save(world, { ...partner, to_BusinessPartnerTax: numbers }, call)
}

export function removeTaxNumber(world: World, row: TaxNumber, call: Call): void {
  const partner = partnerOf(world, row.BusinessPartner)
  const numbers = partner.to_BusinessPartnerTax.filter(each => each.BPTaxType !== row.BPTaxType)
  save(world, { ...partner, to_BusinessPartnerTax: numbers }, call)
}

export function addRole(world: World, input: InputOf<typeof partnerRole>, call: Call) {
  const partner = partnerOf(world, input.BusinessPartner ?? '')
  const role = input.BusinessPartnerRole ?? ''
  if (partner.to_BusinessPartnerRole.some(each => each.BusinessPartnerRole === role)) {
    throw refused(
      'R11/145',
      `Business partner ${partner.BusinessPartner} already has role ${role}`,
      'BusinessPartnerRole',
    )
  }
  save(world, inRole(partner, role, call), call)
  return { ...blank(partnerRole), BusinessPartner: partner.BusinessPartner, BusinessPartnerRole: role }
}

function customerOf(partner: BusinessPartner): Customer {
  if (!partner.to_Customer) throw notFound(`Customer ${partner.BusinessPartner} does not exist`)
  return partner.to_Customer
}

export function changeCustomer(world: World, id: string, input: CustomerInput, call: Call): void {
  const { to_CustomerSalesArea: _areas, ...fields } = input
  const partner = partnerOf(world, id)
  save(world, { ...partner, to_Customer: { ...customerOf(partner), ...fields } }, call)
}

export function addSalesArea(world: World, input: SalesAreaInput, call: Call): CustomerSalesArea {
  const partner = partnerOf(world, input.Customer ?? '')
  const former = customerOf(partner)
  const added = newSalesArea(partner.BusinessPartner, input)
  if (former.to_CustomerSalesArea.some(each => sameArea(each, added))) {
    throw refused('CVI/041', `Customer ${former.Customer} already exists in this sales area`, 'SalesOrganization')
  }
  const to_Customer = { ...former, to_CustomerSalesArea: [...former.to_CustomerSalesArea, added] }
  save(world, { ...partner, to_Customer }, call)
  return added
}

type AreaKey = Pick<CustomerSalesArea, 'SalesOrganization' | 'DistributionChannel' | 'Division'>
const sameArea = (a: AreaKey, b: AreaKey) =>
  a.SalesOrganization === b.SalesOrganization &&
  a.DistributionChannel === b.DistributionChannel &&
  a.Division === b.Division

export function changeSalesArea(world: World, row: CustomerSalesArea, input: SalesAreaInput, call: Call): void {
  const partner = partnerOf(world, row.Customer)
  const former = customerOf(partner)
  const { to_PartnerFunction: _functions, ...fields } = input
  const areas = former.to_CustomerSalesArea.map(each => (sameArea(each, row) ? { ...each, ...fields } : each))
  save(world, { ...partner, to_Customer: { ...former, to_CustomerSalesArea: areas } }, call)
}

/** The functions of a customer in a sales area, as `change` makes them. */
function saveFunctions(
  world: World,
  of: AreaKey & { readonly Customer: string },
  change: (functions: readonly PartnerFunction[]) => PartnerFunction[],
  call: Call,
): void {
  const partner = partnerOf(world, of.Customer)
  const former = customerOf(partner)
  if (!former.to_CustomerSalesArea.some(each => sameArea(each, of)))
    throw notFound(`Customer ${of.Customer} does not exist in this sales area`)
  const areas = former.to_CustomerSalesArea.map(each =>
    sameArea(each, of) ? { ...each, to_PartnerFunction: change(each.to_PartnerFunction) } : each,
  )
  save(world, { ...partner, to_Customer: { ...former, to_CustomerSalesArea: areas } }, call)
}

function checkedFunction(world: World, row: PartnerFunction): PartnerFunction {
  if (!['SH', 'BP', 'PY'].includes(row.PartnerFunction))
    throw refused('VP/102', `Partner function ${row.PartnerFunction} is not allowed here`, 'PartnerFunction')
  if (!world.partners.get(row.BPCustomerNumber)?.to_Customer)
    throw refused('VP/199', `Customer ${row.BPCustomerNumber} does not exist`, 'BPCustomerNumber')
  return row
}

const sameFunction = (a: PartnerFunction, b: PartnerFunction): boolean =>
  a.PartnerFunction === b.PartnerFunction && a.PartnerCounter === b.PartnerCounter

export function addFunction(world: World, input: FunctionInput, call: Call): PartnerFunction {
  const row = { ...blank(partnerFunction), ...input }
  const known = partnerOf(world, row.Customer)
    .to_Customer?.to_CustomerSalesArea.find(each => sameArea(each, row))
    ?.to_PartnerFunction.filter(each => each.PartnerFunction === row.PartnerFunction)
  const added = checkedFunction(world, { ...row, PartnerCounter: String(known?.length ?? 0) })
  saveFunctions(world, added, functions => [...functions, added], call)
  return added
}

export function changeFunction(world: World, row: PartnerFunction, input: FunctionInput, call: Call): void {
  const changed = checkedFunction(world, { ...row, ...input })
  saveFunctions(world, row, all => all.map(each => (sameFunction(each, row) ? changed : each)), call)
}

export function removeFunction(world: World, row: PartnerFunction, call: Call): void {
  saveFunctions(world, row, all => all.filter(each => !sameFunction(each, row)), call)
}
