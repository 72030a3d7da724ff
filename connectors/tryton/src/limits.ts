// How hard Tryton may be pushed. One server is one Python process: more calls at once make nothing faster, and some fail; two
// leave room for a question while an order is being processed.
import type { Limits } from '@plumbline/sdk'

export const limits = { concurrency: 2, longestCallMs: 30_000, probeEveryMs: 60_000 } satisfies Limits

/** Records read in one call. */
export const idsPerCall = 100
/** Rows of a page, where only ids and stamps are asked for. */
export const glimpsesPerPage = 1_000
/** Whole records of a page. */
export const rowsPerPage = 100
