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
import { type Rest, watchRest } from './rest.ts'
import { type Attribute, connectorTo, SoakSystem, us, type Values } from './system.ts'

export const names = ['crm', 'erp', 'consent'] as const
export type Name = (typeof names)[number]
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

/**
 * What a system makes of a value: the ERP writes names in capitals and trims, the consent service keeps ten letters of a phone number
 * and rounds prices.
 */
export function formIn(name: Name, attribute: Attribute, value: string | null): string | null {
  if (value === null) return null
  if (name === 'erp' && attribute === 'Name') return value.trim().toUpperCase()
  if (name === 'consent' && attribute === 'Price')
    return value.replace(/\d+\.\d+/, price => String(Math.round(Number(price))))
  return name === 'consent' && attribute === 'Phone' ? value.slice(0, 10) : value
}
const formsOf =
  (name: Name) =>
  (values: Values): Values =>
    Object.fromEntries(
      Object.entries(values).map(([attribute, value]) => [
        attribute,
        formIn(name, attribute as Attribute, value ?? null),
      ]),
    )

export type SoakWorld = { readonly systems: Systems; readonly rest: Rest; close(): Promise<void> }

export async function openSoakWorld(
  databaseUrl: string,
  say: (sentence: string) => void,
  withStaleReads = false,
): Promise<SoakWorld> {
  const systems: Systems = {
    crm: new SoakSystem('crm', true, withStaleReads, formsOf('crm')),
    erp: new SoakSystem('erp', false, withStaleReads, formsOf('erp')),
    consent: new SoakSystem('consent', true, withStaleReads, formsOf('consent')),
  }
  const log = (sentence: string, facts?: Record<string, unknown>): void => {
    say(`${sentence} ${JSON.stringify(facts)}`)
    // On a machine that is too busy to let it renew its lease.
    if (sentence.startsWith('Took over')) for (const name of names) systems[name].answersAreLost()
  }
  const engine: Engine = await startEngine({ project: projectOf(systems), databaseUrl, sendWithinMs: 1_000, log })
  while (!(await engine.ready()).ready) await new Promise(resolve => setTimeout(resolve, 20))
  const rest = watchRest(databaseUrl, systems)
  return {
    systems,
    rest,
    close: async () => {
      await rest.close()
      await engine.close()
    },
  }
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
