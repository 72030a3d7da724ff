// Consent: what a person has agreed to, purpose by purpose. The consent service alone decides; sales sees it.
import { always, contract, instant, oneOf, ref, text, whereFound } from '@plumbline/sdk'
import { Contact } from './contact.ts'

export const Consent = contract(
  'consent',
  {
    contact: ref(Contact).ownedBy('consent'),
    purpose: oneOf('Purpose', 'newsletter', 'profiling', 'phone').ownedBy('consent'),
    status: oneOf('Status', 'pending', 'granted', 'withdrawn').ownedBy('consent'),
    legalBasis: oneOf('Legal basis', 'consent', 'contract', 'legitimate interest').ownedBy('consent').optional(),
    source: text('Source').ownedBy('consent').optional(),
    decided: instant('Decided at').ownedBy('consent').optional(),
  },
  {
    knownBy: ['purpose'],
    livesIn: { consent: whereFound(), crm: always() },
    // Where the person was forgotten, sales keeps nothing either.
    gone: { consent: 'propagate', crm: 'ignore' },
  },
)
