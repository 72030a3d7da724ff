// What the connector must be told.
import { type RecordOf, secret, text } from '@plumbline/sdk'

export const settings = {
  /** The server's address, without the database: `https://erp.example`. */
  url: text('Address'),
  database: text('Database'),
  user: text('User'),
  password: secret('Password'),
  /** The company's name, where it is not the one that the user works for. */
  company: text('Company').optional(),
  /** The code of the warehouse for sales and questions that name none. Tryton has no default once there are two. */
  warehouse: text('Warehouse').optional(),
  /**
   * Warnings that may be answered with "yes" in the user's name, by the beginning of Tryton's name for them, with commas between:
   * `credit_limit_amount_, invoice_`. All others are refused, for a person to decide.
   */
  acceptedWarnings: text('Accepted warnings').optional(),
  /** How often changes are asked for, in milliseconds. */
  pollEvery: text('Poll every (ms)').optional(),
  /** How long a transaction of Tryton's may take from its first moment to its commit, in milliseconds: so far back each poll looks. */
  overlap: text('Overlap (ms)').optional(),
}

export type Settings = RecordOf<typeof settings>

export function millisecondsIn(value: string | undefined, name: string, otherwise: number): number {
  if (value === undefined || value === '') return otherwise
  const ms = Number(value)
  if (!Number.isFinite(ms) || ms < 0) throw new TypeError(`${name} is "${value}", which is no number of milliseconds`)
  return ms
}

export const acceptedIn = ({ acceptedWarnings = '' }: Pick<Settings, 'acceptedWarnings'>): readonly string[] =>
  acceptedWarnings
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
