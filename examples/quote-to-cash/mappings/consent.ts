// Consent: in the consent service one for each person and purpose; in Salesforce a list below the contact.
import { consents } from '@plumbline/connector-consent'
import { mapping, objectOf } from '@plumbline/sdk'
import { Consent } from '../contracts/consent.ts'
import { org } from '../systems/salesforce-org.ts'

export const consentInSalesforce = mapping(
  Consent,
  objectOf(org, 'Consent__c'),
  {
    contact: 'Contact__c',
    purpose: {
      field: 'Purpose__c',
      values: { newsletter: 'Newsletter', profiling: 'Profiling', phone: 'Phone' },
    },
    status: {
      field: 'Status__c',
      values: { pending: 'Pending', granted: 'Granted', withdrawn: 'Withdrawn' },
    },
    legalBasis: {
      field: 'Legal_Basis__c',
      values: { consent: 'Consent', contract: 'Contract', 'legitimate interest': 'Legitimate Interest' },
    },
    source: 'Source__c',
    decided: 'Decided_At__c',
  },
  { key: 'Plumbline_Ref__c', says: 'Plumbline_Note__c' },
)

export const consentInConsents = mapping(Consent, objectOf(consents, 'Consent'), {
  contact: 'subject_id',
  purpose: 'purpose',
  status: 'status',
  legalBasis: {
    field: 'legal_basis',
    values: { consent: 'consent', contract: 'contract', 'legitimate interest': 'legitimate_interest' },
  },
  source: 'source',
  decided: 'decided_at',
})
