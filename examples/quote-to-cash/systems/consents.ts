// The consent service that fills the role consent.
import { consents as service } from '@plumbline/connector-consent'
import { fill } from '@plumbline/sdk'
import { consentInConsents } from '../mappings/consent.ts'
import { contactInConsents } from '../mappings/contact.ts'
import { consent } from '../roles.ts'
import { settings } from '../settings.ts'

export const consents = fill(consent, 'consents', service, settings.consents, {
  mappings: [contactInConsents, consentInConsents],
})
