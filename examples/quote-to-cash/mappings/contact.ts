// Contact: a contact in Salesforce, a subject in the consent service.
import { consents } from '@plumbline/connector-consent'
import { mapping, objectOf } from '@plumbline/sdk'
import { Contact } from '../contracts/contact.ts'
import { org } from '../systems/salesforce-org.ts'

export const contactInSalesforce = mapping(Contact, objectOf(org, 'Contact'), {
  firstName: 'FirstName',
  lastName: 'LastName',
  email: 'Email',
  customer: 'AccountId',
})

export const contactInConsents = mapping(
  Contact,
  objectOf(consents, 'Subject'),
  {
    firstName: 'first_name',
    lastName: 'last_name',
    email: 'email',
    customer: { skip: 'whom somebody works for is no business of the consent service' },
  },
  { key: 'external_id' },
)
