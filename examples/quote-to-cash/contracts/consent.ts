// Consent: what a person has agreed to, purpose by purpose. The consent service alone decides; sales sees it.
import { always, contract, instant, oneOf, ref, text, whereFound } from '@plumbline/sdk'
import { Contact } from './contact.ts'

/** Whoever edits one elsewhere is put right, and reads on the record why. */
const told = { others: 'refuse' } as const

export const Consent = contract(
  'consent',
  {
    // Whose it is: erased with them.
    contact: ref(Contact).ownedBy('consent', told).personal(),
    purpose: oneOf('Purpose', 'newsletter', 'profiling', 'phone').ownedBy('consent', told),
    status: oneOf('Status', 'pending', 'granted', 'withdrawn').ownedBy('consent', told),
    legalBasis: oneOf('Legal basis', 'consent', 'contract', 'legitimate interest').ownedBy('consent', told).optional(),
    source: text('Source').ownedBy('consent', told).personal().optional(),
    decided: instant('Decided at').ownedBy('consent', told).optional(),
  },
  {
    knownBy: ['purpose'],
    livesIn: { consent: whereFound(), crm: always() },
    // Where the person was forgotten, sales keeps nothing either.
    gone: { consent: 'propagate', crm: 'ignore' },
  },
)
