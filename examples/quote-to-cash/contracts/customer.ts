// Customer: who buys. Known in both systems under one customer number; new customers are onboarded, never copied.
import { contract, ref, text, whereFound } from '@plumbline/sdk'

/** Another customer: it is declared here only. */
const another = { contract: 'customer' } as const

export const Customer = contract(
  'customer',
  {
    number: text('Customer number').ownedBy('erp').optional(),
    /** Which of our companies sells to them. */
    legalEntity: text('Legal entity').ownedBy('crm').optional(),
    name: text('Name').ownedBy('crm'),
    /** As it stands in the register, where that is not the name by which everybody knows it. */
    legalName: text('Legal name').ownedBy('crm').optional(),
    billingStreet: text('Billing street').ownedBy('crm').optional(),
    billingPostalCode: text('Billing postal code').ownedBy('crm').optional(),
    billingCity: text('Billing city').ownedBy('crm').optional(),
    billingRegion: text('Billing region').ownedBy('crm').optional(),
    /** ISO 3166-1: DE, FR. */
    billingCountry: text('Billing country').ownedBy('crm').optional(),
    /** Where invoices are sent. */
    email: text('E-mail').ownedBy('crm').optional(),
    vatNumber: text('VAT number').ownedBy('crm').optional(),
    /** Who takes the goods, is sent the invoice and pays it, where that is not the customer itself. */
    shipTo: ref(another, 'Ship to').ownedBy('crm').optional(),
    billTo: ref(another, 'Bill to').ownedBy('crm').optional(),
    payer: ref(another, 'Payer').ownedBy('crm').optional(),
    /** What finance has agreed with the customer; a quote may say otherwise. */
    paymentTerms: text('Payment terms').ownedBy('erp', { others: 'refuse' }).optional(),
  },
  {
    match: 'number',
    knownBy: ['name', 'number'],
    livesIn: { crm: whereFound(), erp: whereFound() },
    // An account that sales deletes has orders and invoices in the ERP still; a partner that the ERP archives has its history here.
    gone: { crm: 'ignore', erp: 'ignore' },
    standards: {
      number: { ubl: 'PartyIdentification/ID' },
      name: { ubl: 'PartyName/Name' },
      legalName: { ubl: 'PartyLegalEntity/RegistrationName' },
      billingStreet: { ubl: 'PostalAddress/StreetName' },
      billingPostalCode: { ubl: 'PostalAddress/PostalZone' },
      billingCity: { ubl: 'PostalAddress/CityName' },
      billingRegion: { ubl: 'PostalAddress/CountrySubentity' },
      billingCountry: { ubl: 'PostalAddress/Country/IdentificationCode' },
      email: { ubl: 'AccountingContact/ElectronicMail' },
      vatNumber: { ubl: 'PartyTaxScheme/CompanyID' },
    },
  },
)
