// What a campaign is given while it breaks things, and what it says of that afterwards.
import type { Random } from '../test/support/random.ts'
import type { World } from './world.ts'

/** A campaign's two sizes: in full on demand, short within the tests. */
export type Sized<T> = { readonly full: T; readonly short: T }

export type Field = {
  readonly world: World
  readonly random: Random
  readonly isShort: boolean
  readonly seed: number
  /** How often it must strike to count. */
  readonly least: number
  /** Whether quotes are still being accepted. */
  isBusy(): boolean
  say(sentence: string): void
}

export type Struck = {
  /** How often something broke. */
  readonly strikes: number
  /** Calls and logins that should not have been made while it was broken, as sentences. */
  readonly excess?: readonly string[]
}
