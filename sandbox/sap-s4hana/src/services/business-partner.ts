// API_BUSINESS_PARTNER: business partners, addresses, roles, tax numbers, customers and their sales areas.
import {
  addAddress,
  addEmail,
  addFunction,
  addPhone,
  addRole,
  addSalesArea,
  addTaxNumber,
  changeAddress,
  changeCustomer,
  changeEmail,
  changeFunction,
  changePartner,
  changePhone,
  changeSalesArea,
  changeTaxNumber,
  createPartner,
  removeAddress,
  removeEmail,
  removeFunction,
  removePhone,
  removeTaxNumber,
} from '../business/partners.ts'
import type { World } from '../business/world.ts'
import {
  address,
  businessPartner,
  customer,
  customerSalesArea,
  emailAddress,
  partnerFunction,
  partnerRole,
  phoneNumber,
  taxNumber,
} from '../documents/partner.ts'
import { entitySet, type Service, service } from '../odata/service.ts'
import { byId, present, rowsWithin, within } from './rows.ts'

export function businessPartnerService(world: World): Service {
  const partnerOf = (id: string | undefined) => world.partners.get(id ?? '')
  const customerOf = (id: string | undefined) => partnerOf(id)?.to_Customer ?? undefined
  const addresses = () => [...world.partners.values()].flatMap(each => each.to_BusinessPartnerAddress)
  const emails = () => addresses().flatMap(each => each.to_EmailAddress)
  const phones = () => addresses().flatMap(each => each.to_PhoneNumber)
  const customers = () => rowsWithin(world.partners.values(), each => present(each.to_Customer))
  const functions = () =>
    [...customers()].flatMap(each => each.to_CustomerSalesArea).flatMap(each => each.to_PartnerFunction)
  return service('API_BUSINESS_PARTNER', 'AP-MD-BP', [
    entitySet({
      type: businessPartner,
      source: {
        byKey: key => partnerOf(key.BusinessPartner),
        all: () => world.partners.values(),
        equals: {
          BusinessPartner: byId(partnerOf),
          Customer: byId(partnerOf),
          BusinessPartnerIDByExtSystem: world.indexes.partnersByExternalId,
        },
        ranges: [
          { field: 'LastChangeDate', timeField: 'LastChangeTime', timeline: world.indexes.partnersByChangeDate },
          {
            field: 'CreationDate',
            timeField: 'CreationTime',
            timeline: world.indexes.partnersByCreationDate,
            complete: true,
          },
        ],
      },
      create: (input, call) => createPartner(world, input, call),
      update: (row, input, call) => changePartner(world, row.BusinessPartner, input, call),
    }),
    entitySet({
      type: address,
      source: {
        byKey: key =>
          partnerOf(key.BusinessPartner)?.to_BusinessPartnerAddress.find(each => each.AddressID === key.AddressID),
        all: () => rowsWithin(world.partners.values(), each => each.to_BusinessPartnerAddress),
        equals: { BusinessPartner: within(id => partnerOf(id)?.to_BusinessPartnerAddress ?? []) },
      },
      create: (input, call) => addAddress(world, input, call),
      update: (row, input, call) => changeAddress(world, row, input, call),
      remove: (row, call) => removeAddress(world, row, call),
    }),
    entitySet({
      type: emailAddress,
      source: {
        byKey: key =>
          emails().find(each => each.AddressID === key.AddressID && each.OrdinalNumber === key.OrdinalNumber),
        all: emails,
        equals: {},
      },
      create: (input, call) => addEmail(world, input, call),
      update: (row, input, call) => changeEmail(world, row, input, call),
      remove: (row, call) => removeEmail(world, row, call),
    }),
    entitySet({
      type: phoneNumber,
      source: {
        byKey: key =>
          phones().find(each => each.AddressID === key.AddressID && each.OrdinalNumber === key.OrdinalNumber),
        all: phones,
        equals: {},
      },
      create: (input, call) => addPhone(world, input, call),
      update: (row, input, call) => changePhone(world, row, input, call),
      remove: (row, call) => removePhone(world, row, call),
    }),
    entitySet({
      type: partnerRole,
      source: {
        byKey: key =>
          partnerOf(key.BusinessPartner)?.to_BusinessPartnerRole.find(
            each => each.BusinessPartnerRole === key.BusinessPartnerRole,
          ),
        all: () => rowsWithin(world.partners.values(), each => each.to_BusinessPartnerRole),
        equals: { BusinessPartner: within(id => partnerOf(id)?.to_BusinessPartnerRole ?? []) },
      },
      create: (input, call) => addRole(world, input, call),
    }),
    entitySet({
      type: partnerFunction,
      source: {
        byKey: key =>
          functions().find(each => partnerFunction.keys.every(name => Reflect.get(each, name) === key[name])),
        all: functions,
        equals: {},
      },
      create: (input, call) => addFunction(world, input, call),
      update: (row, input, call) => changeFunction(world, row, input, call),
      remove: (row, call) => removeFunction(world, row, call),
    }),
    entitySet({
      type: taxNumber,
      source: {
        byKey: key =>
          partnerOf(key.BusinessPartner)?.to_BusinessPartnerTax.find(each => each.BPTaxType === key.BPTaxType),
        all: () => rowsWithin(world.partners.values(), each => each.to_BusinessPartnerTax),
        equals: { BusinessPartner: within(id => partnerOf(id)?.to_BusinessPartnerTax ?? []) },
      },
      create: (input, call) => addTaxNumber(world, input, call),
      update: (row, input, call) => changeTaxNumber(world, row, input, call),
      remove: (row, call) => removeTaxNumber(world, row, call),
    }),
    entitySet({
      type: customer,
      source: {
        byKey: key => customerOf(key.Customer),
        all: customers,
        equals: { Customer: byId(customerOf) },
      },
      update: (row, input, call) => changeCustomer(world, row.Customer, input, call),
    }),
    entitySet({
      type: customerSalesArea,
      source: {
        byKey: key =>
          customerOf(key.Customer)?.to_CustomerSalesArea.find(
            each =>
              each.SalesOrganization === key.SalesOrganization &&
              each.DistributionChannel === key.DistributionChannel &&
              each.Division === key.Division,
          ),
        all: () => rowsWithin(customers(), each => each.to_CustomerSalesArea),
        equals: { Customer: within(id => customerOf(id)?.to_CustomerSalesArea ?? []) },
      },
      create: (input, call) => addSalesArea(world, input, call),
      update: (row, input, call) => changeSalesArea(world, row, input, call),
    }),
  ])
}
