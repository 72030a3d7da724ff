// Our identities. They follow from what they name, so that two processes that see the same thing give it the same name.
import { createHash } from 'node:crypto'

const base36 = (bytes: Buffer, length: number): string =>
  BigInt(`0x${bytes.toString('hex')}`)
    .toString(36)
    .padStart(length, '0')
    .slice(-length)

const hash = (...parts: readonly string[]): Buffer => createHash('sha256').update(parts.join('\u0000')).digest()

/** The ref of a record found in a system: `quote-1x4…`. */
export const refOfNative = (contract: string, system: string, object: string, nativeId: string): string =>
  `${contract}-${base36(hash('native', contract, system, object, nativeId), 20)}`

/** The ref of a record that a journey's step gives birth to. */
export const refOfBirth = (contract: string, journey: string, step: string): string =>
  `${contract}-${base36(hash('birth', contract, journey, step), 20)}`

/** A line's key within its record: ten characters, the most that every system's line reference takes. */
export const lineKeyOf = (system: string, object: string, entryId: string): string =>
  base36(hash('line', system, object, entryId), 10)

export const journeyId = (workflow: string, ref: string, once: string): string =>
  `j-${base36(hash('journey', workflow, ref, once), 16)}`

/** An edit by somebody who does not own the field: what was wanted, where, by whom and when. */
export const disputeId = (...edit: readonly string[]): string => `d-${base36(hash('dispute', ...edit), 14)}`

export const taskId = (journey: string, name: string): string => `t-${base36(hash('task', journey, name), 12)}`

/** A create's key: ref and instance, for ever. */
export const createKey = (ref: string, system: string): string => `${ref}@${system}`

/** A line's ref is its record's and its key: `order-…/k3…`. */
export const lineRef = (ref: string, line: string): string => `${ref}/${line}`

/** The contract that a ref is of: `order-…` is an order. */
export const contractOfRef = (ref: string): string => ref.slice(0, ref.lastIndexOf('-'))
