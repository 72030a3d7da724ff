// Business partners and the customers they become, with the field names of API_BUSINESS_PARTNER.
import { date, entity, flag, many, one, type RowOf, text, time } from '../odata/model.ts'

/** Of an organisation `Person` is empty; the remark says what an address is for. */
export const emailAddress = entity('A_AddressEmailAddress', ['AddressID', 'Person', 'OrdinalNumber'], {
  AddressID: text(10, 'create'),
  Person: text(10, 'create'),
  OrdinalNumber: text(3),
  IsDefaultEmailAddress: flag('always'),
  EmailAddress: text(241, 'always'),
  AddressCommunicationRemarkText: text(50, 'always'),
})

/** A land line; a mobile one would stand in a list of its own. */
export const phoneNumber = entity('A_AddressPhoneNumber', ['AddressID', 'Person', 'OrdinalNumber'], {
  AddressID: text(10, 'create'),
  Person: text(10, 'create'),
  OrdinalNumber: text(3),
  DestinationLocationCountry: text(3, 'always'),
  IsDefaultPhoneNumber: flag('always'),
  PhoneNumber: text(30, 'always'),
  PhoneNumberExtension: text(10, 'always'),
  AddressCommunicationRemarkText: text(50, 'always'),
})

export const address = entity(
  'A_BusinessPartnerAddress',
  ['BusinessPartner', 'AddressID'],
  {
    BusinessPartner: text(10, 'create'),
    AddressID: text(10),
    Country: text(3, 'always'),
    Region: text(3, 'always'),
    CityName: text(40, 'always'),
    PostalCode: text(10, 'always'),
    StreetName: text(60, 'always'),
    HouseNumber: text(10, 'always'),
    Language: text(2, 'always'),
    TaxJurisdiction: text(15, 'always'),
  },
  {
    children: {
      to_EmailAddress: many(emailAddress, 'to_EmailAddress'),
      to_PhoneNumber: many(phoneNumber, 'to_PhoneNumber'),
    },
  },
)

/** `BPTaxType` is the kind of number: `DE0` is the German VAT registration. */
export const taxNumber = entity('A_BusinessPartnerTaxNumber', ['BusinessPartner', 'BPTaxType'], {
  BusinessPartner: text(10, 'create'),
  BPTaxType: text(4, 'create'),
  BPTaxNumber: text(20, 'always'),
})

export const partnerRole = entity('A_BusinessPartnerRole', ['BusinessPartner', 'BusinessPartnerRole'], {
  BusinessPartner: text(10, 'create'),
  BusinessPartnerRole: text(6, 'create'),
})

/** Who else stands for a customer in a sales area: `SH` takes the goods, `BP` the invoice, `PY` pays. */
export const partnerFunction = entity(
  'A_CustSalesPartnerFunc',
  ['Customer', 'SalesOrganization', 'DistributionChannel', 'Division', 'PartnerCounter', 'PartnerFunction'],
  {
    Customer: text(10, 'create'),
    SalesOrganization: text(4, 'create'),
    DistributionChannel: text(2, 'create'),
    Division: text(2, 'create'),
    PartnerCounter: text(3),
    PartnerFunction: text(2, 'create'),
    BPCustomerNumber: text(10, 'always'),
  },
)

export const customerSalesArea = entity(
  'A_CustomerSalesArea',
  ['Customer', 'SalesOrganization', 'DistributionChannel', 'Division'],
  {
    Customer: text(10, 'create'),
    SalesOrganization: text(4, 'create'),
    DistributionChannel: text(2, 'create'),
    Division: text(2, 'create'),
    Currency: text(5, 'always'),
    CustomerPaymentTerms: text(4, 'always'),
    IncotermsClassification: text(3, 'always'),
    IncotermsTransferLocation: text(28, 'always'),
    CustomerPriceGroup: text(2, 'always'),
    PriceListType: text(2, 'always'),
    CreditControlArea: text(4, 'always'),
    ShippingCondition: text(2, 'always'),
    OrderIsBlockedForCustomer: text(2, 'always'),
  },
  { children: { to_PartnerFunction: many(partnerFunction, 'to_PartnerFunction') } },
)

export const customer = entity(
  'A_Customer',
  ['Customer'],
  {
    Customer: text(10, 'create'),
    CustomerName: text(80),
    CustomerAccountGroup: text(4),
    OrderIsBlockedForCustomer: text(2, 'always'),
    DeliveryIsBlocked: text(2, 'always'),
    BillingIsBlockedForCustomer: text(2, 'always'),
    PostingIsBlocked: flag('always'),
    TaxNumber1: text(16, 'always'),
    VATRegistration: text(20, 'always'),
    CreationDate: date(),
  },
  { children: { to_CustomerSalesArea: many(customerSalesArea, 'to_CustomerSalesArea') } },
)

export const businessPartner = entity(
  'A_BusinessPartner',
  ['BusinessPartner'],
  {
    BusinessPartner: text(10, 'create'),
    Customer: text(10),
    BusinessPartnerCategory: text(1, 'create'),
    BusinessPartnerGrouping: text(4, 'create'),
    BusinessPartnerFullName: text(81),
    BusinessPartnerName: text(81),
    BusinessPartnerUUID: text(36),
    BusinessPartnerIDByExtSystem: text(20, 'always'),
    OrganizationBPName1: text(40, 'always'),
    OrganizationBPName2: text(40, 'always'),
    OrganizationBPName3: text(40, 'always'),
    OrganizationBPName4: text(40, 'always'),
    FirstName: text(40, 'always'),
    LastName: text(40, 'always'),
    SearchTerm1: text(20, 'always'),
    SearchTerm2: text(20, 'always'),
    Language: text(2, 'always'),
    CorrespondenceLanguage: text(2, 'always'),
    BusinessPartnerIsBlocked: flag('always'),
    IsMarkedForArchiving: flag('always'),
    CreatedByUser: text(12),
    CreationDate: date(),
    CreationTime: time(),
    LastChangedByUser: text(12),
    LastChangeDate: date(),
    LastChangeTime: time(),
  },
  {
    children: {
      to_BusinessPartnerAddress: many(address, 'to_BusinessPartnerAddress'),
      to_BusinessPartnerRole: many(partnerRole, 'to_BusinessPartnerRole'),
      to_BusinessPartnerTax: many(taxNumber, 'to_BusinessPartnerTax'),
      to_Customer: one(customer, 'to_Customer'),
    },
  },
)

export type BusinessPartner = RowOf<typeof businessPartner>
export type Customer = RowOf<typeof customer>
export type CustomerSalesArea = RowOf<typeof customerSalesArea>
export type PartnerFunction = RowOf<typeof partnerFunction>
export type Address = RowOf<typeof address>
export type EmailAddress = RowOf<typeof emailAddress>
export type PhoneNumber = RowOf<typeof phoneNumber>
export type TaxNumber = RowOf<typeof taxNumber>
