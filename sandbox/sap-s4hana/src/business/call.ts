// Who calls, and since when: what a business function must know of the request it serves.
import type { Warning } from '../odata/errors.ts'

export interface Call {
  readonly by: string
  /** When the transaction STARTED. Documents are stamped with it, so a slow one commits with an early stamp. */
  readonly at: number
  warn(warning: Warning): void
}

/** The stamp of a changed document: the start of the transaction, yet never a stamp that it already had. */
export const stamped = (call: Call, former: number | null): number =>
  former === null ? call.at : Math.max(call.at, former + 1)

export const dayOf = (at: number): number => at - (((at % 86_400_000) + 86_400_000) % 86_400_000)

export const timeOf = (at: number): string => {
  const [hours, minutes, seconds] = new Date(at).toISOString().slice(11, 19).split(':')
  return `PT${hours}H${minutes}M${seconds}S`
}
