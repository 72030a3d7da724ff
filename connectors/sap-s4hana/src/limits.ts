// How hard S/4HANA may be pushed.
import type { Limits } from '@plumbline/sdk'

export const limits = { concurrency: 8, longestCallMs: 30_000, probeEveryMs: 60_000 } satisfies Limits

/** Records read in one call: the filter names each. */
export const idsPerCall = 40
/** Changed records taken in one call. */
export const rowsPerPage = 200
/** Different days in one price question: each is a call of its own, one after the other, while somebody waits. */
export const daysPerQuestion = 10
