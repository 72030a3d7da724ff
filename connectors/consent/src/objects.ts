// The objects of the consent service that a project can map: people, and what they agreed to.
import { type Fields, id, instant, lookup, oneOf, text } from '@plumbline/sdk'

const subject = {
  id: id(),
  email: text('E-mail'),
  first_name: text('First name'),
  last_name: text('Last name'),
  /** How another system calls the person; the field by which a create is found again. */
  external_id: text('External id'),
}

const consent = {
  id: id(),
  subject_id: lookup('Subject'),
  purpose: oneOf('Purpose', 'newsletter', 'profiling', 'phone'),
  status: oneOf('Status', 'pending', 'granted', 'withdrawn'),
  legal_basis: oneOf('Legal basis', 'consent', 'contract', 'legitimate_interest'),
  source: text('Source'),
  /** When the person, or an officer, last decided. */
  decided_at: instant('Decided at'),
}

export type Collection = {
  /** Our name of the object. */
  readonly object: string
  /** Its place below the version. */
  readonly path: string
  readonly fields: Fields
  /** What is set by the service alone. */
  readonly computed: readonly string[]
}

export const collections = {
  Subject: { object: 'Subject', path: 'subjects', fields: subject, computed: ['id'] },
  Consent: { object: 'Consent', path: 'consents', fields: consent, computed: ['id', 'decided_at'] },
} satisfies Record<string, Collection>
