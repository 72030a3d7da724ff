// What the connector must be told.
import { type RecordOf, secret, text } from '@plumbline/sdk'

export const settings = {
  /** The system's address: `https://my300000-api.s4hana.cloud.sap`. */
  url: text('Address'),
  user: text('Communication user'),
  password: secret('Password'),
  /** The field of a sales order that carries the key by which a create is found again. */
  keyField: text('Key field of an order'),
  /** Sales area of the questions: `organisation/channel/division`. */
  salesArea: text('Sales area'),
  /** The plant whose stock is asked for when the question names none. */
  plant: text('Plant').optional(),
  /** How often changes are asked for, in milliseconds. */
  pollEvery: text('Poll every (ms)'),
  /** How long a change may take from its stamp to its commit, in milliseconds: so far back each poll looks. */
  overlap: text('Overlap (ms)'),
}

export type Settings = RecordOf<typeof settings>

export function millisecondsIn(value: string, name: string, otherwise: number): number {
  if (value === '') return otherwise
  const ms = Number(value)
  if (!Number.isFinite(ms) || ms < 0) throw new TypeError(`${name} is "${value}", which is no number of milliseconds`)
  return ms
}

export function salesAreaIn(value: string) {
  const [SalesOrganization, DistributionChannel, OrganizationDivision] = value.split('/')
  if (!SalesOrganization || !DistributionChannel || !OrganizationDivision) {
    throw new TypeError(`The sales area is "${value}"; it is written organisation/channel/division, as in 1010/10/00`)
  }
  return { SalesOrganization, DistributionChannel, OrganizationDivision }
}
