// How hard the consent service may be pushed: it allows 50 requests a second, the feed's included.
import type { Limits } from '@plumbline/sdk'

export const limits = {
  concurrency: 4,
  perSecond: 30,
  longestCallMs: 20_000,
  probeEveryMs: 60_000,
} satisfies Limits

/** Records read in one call. */
export const idsPerCall = 50
/** Records taken in one page. */
export const rowsPerPage = 200
