// Three systems of three roles, one contract with every kind of ownership between them, and an engine of this process.

import { type Engine, startEngine } from '@plumbline/engine'
import {
  always,
  contract,
  fill,
  mapping,
  objectOf,
  type Project,
  project,
  role,
  stages,
  text,
  whereFound,
} from '@plumbline/sdk'
import { connectorTo, SoakSystem, us } from './system.ts'

export type Name = 'crm' | 'erp' | 'consent'
export type Systems = Readonly<Record<Name, SoakSystem>>

const Thing = contract(
  'thing',
  {
    label: text('Label').ownedBy('crm'),
    name: text('Name').ownedBy('crm'),
    phone: text('Phone').ownedBy('crm').optional(),
    price: text('Price').ownedBy('erp').optional(),
    stock: text('Stock').ownedBy('erp').optional(),
    consent: text('Consent').ownedBy('consent').optional(),
    terms: text('Terms').ownedBy('crm', { until: 'booked', then: 'erp', later: 'put right' }).optional(),
    channel: text('Channel').ownedBy('crm').optional(),
    discount: text('Discount')
      .ownedBy('crm', {
        when: (thing: { channel: string | undefined }) => thing.channel === 'partner',
        otherwise: 'erp',
      })
      .optional(),
    status: stages('Status', 'open', 'booked', 'closed').ownedBy('erp').optional(),
  },
  { knownBy: ['label'], livesIn: { crm: whereFound(), erp: always(), consent: always() } },
)

const crm = role('crm', { holds: [Thing] })
const erp = role('erp', { holds: [Thing] })
const consent = role('consent', { holds: [Thing] })

/** The ERP writes names in capitals and trims; the consent service keeps ten letters of a phone number. */
const forms = {
  crm: (values: object) => values,
  erp: (values: { Name?: string }) => (values.Name === undefined ? values : { ...values, Name: inErp(values.Name) }),
  consent: (values: { Phone?: string | null }) =>
    typeof values.Phone === 'string' ? { ...values, Phone: inConsent(values.Phone) } : values,
}
export const inErp = (name: string): string => name.trim().toUpperCase()
export const inConsent = (phone: string): string => phone.slice(0, 10)

export type SoakWorld = { readonly systems: Systems; close(): Promise<void> }

export async function openSoakWorld(databaseUrl: string): Promise<SoakWorld> {
  const systems: Systems = {
    crm: new SoakSystem('crm', forms.crm),
    erp: new SoakSystem('erp', forms.erp as never),
    consent: new SoakSystem('consent', forms.consent as never),
  }
  const engine: Engine = await startEngine({ project: projectOf(systems), databaseUrl })
  while (!(await engine.ready()).ready) await new Promise(resolve => setTimeout(resolve, 20))
  return { systems, close: () => engine.close() }
}

function projectOf(systems: Systems): Project {
  const filled = ([crm, erp, consent] as const).map(of => {
    const to = connectorTo(systems[of.role])
    return fill(
      of,
      of.role,
      to,
      { client: us },
      {
        mappings: [
          mapping(
            Thing,
            objectOf(to, 'Thing'),
            {
              label: 'Label',
              name: 'Name',
              phone: 'Phone',
              price: 'Price',
              stock: 'Stock',
              consent: 'Consent',
              terms: 'Terms',
              channel: 'Channel',
              discount: 'Discount',
              status: { field: 'Status', values: { open: 'open', booked: 'booked', closed: 'closed' } },
            },
            { key: 'Ref' },
          ),
        ],
      },
    )
  })
  return project('soak', { contracts: [Thing], roles: [crm, erp, consent], systems: filled, routes: [], workflows: [] })
}
