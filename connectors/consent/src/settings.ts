// What the connector must be told.
import { type RecordOf, secret, text } from '@plumbline/sdk'

export const settings = {
  /** The service's address: `https://api.consent.example`. */
  url: text('Address'),
  key: secret('API key'),
  /** How often changes are asked for, in milliseconds. */
  pollEvery: text('Poll every (ms)'),
}

export type Settings = RecordOf<typeof settings>

export function pollEveryMs({ pollEvery }: Settings): number {
  const ms = Number(pollEvery === '' ? 500 : pollEvery)
  if (Number.isFinite(ms) && ms >= 0) return ms
  throw new TypeError(`pollEvery is "${pollEvery}", which is no number of milliseconds`)
}
