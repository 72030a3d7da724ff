// Customer: an account here, a business partner there.
import { sapS4 } from '@plumbline/connector-sap-s4hana'
import { mapping, objectOf } from '@plumbline/sdk'
import { Customer } from '../contracts/customer.ts'
import { org } from '../systems/salesforce-org.ts'

export const customerInSalesforce = mapping(Customer, objectOf(org, 'Account'), {
  number: 'AccountNumber',
  name: 'Name',
})

export const customerInS4 = mapping(Customer, objectOf(sapS4, 'BusinessPartner'), {
  number: 'Customer',
  name: 'OrganizationBPName1',
})
