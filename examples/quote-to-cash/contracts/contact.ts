// Contact: a person at a customer. Sales keeps them; the consent service knows everybody who can be written to.
import { contract, ref, text, when, whereFound } from '@plumbline/sdk'
import { Customer } from './customer.ts'

export const Contact = contract(
  'contact',
  {
    firstName: text('First name').ownedBy('crm').personal().optional(),
    lastName: text('Last name').ownedBy('crm').personal(),
    // Whoever changes the own address in the preference centre asks us to.
    email: text('E-mail').ownedBy('crm', { others: 'change request' }).personal().optional(),
    customer: ref(Customer).ownedBy('crm').optional(),
  },
  {
    match: 'email',
    knownBy: ['email', 'lastName'],
    livesIn: { crm: whereFound(), consent: when((contact: { email?: string }) => contact.email !== undefined) },
    // What somebody agreed to is evidence, and stays when sales no longer needs the person.
    gone: { crm: 'ignore', consent: 'ignore' },
    desk: 'customer care',
  },
)
