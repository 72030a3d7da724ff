// What is dear to ask is asked once for all who want to know it at the same moment, and seldom enough to cost little.
import type { Host } from '../host.ts'

/** The answer counts for so many times as long as it took to get. */
const share = 10

/** What it answers; `forget` when somebody has just changed it. */
export type Remembered<T> = { (): Promise<T>; forget(): void }

/** `const worth = remembered(host, () => worthOf(db))`: what took half a second is asked again after five. */
export function remembered<T>(host: Host, ask: () => Promise<T>): Remembered<T> {
  let answer: Promise<T> | undefined
  let validUntil = Number.POSITIVE_INFINITY
  const get = (): Promise<T> => {
    if (answer && host.monotonic() < validUntil) return answer
    const began = host.monotonic()
    const asking = ask()
    answer = asking
    validUntil = Number.POSITIVE_INFINITY
    asking.then(
      () => {
        const now = host.monotonic()
        if (answer === asking) validUntil = now + share * (now - began)
      },
      // A failure is told to those who asked, and nobody else.
      () => {
        if (answer === asking) answer = undefined
      },
    )
    return asking
  }
  const forget = (): void => {
    answer = undefined
  }
  return Object.assign(get, { forget })
}
