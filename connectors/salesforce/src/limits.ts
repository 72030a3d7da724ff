// How hard Salesforce may be pushed. Each number names the rule it comes from.
import type { Limits } from '@plumbline/sdk'

export const limits = { concurrency: 10, longestCallMs: 30_000, probeEveryMs: 60_000 } satisfies Limits

/** Records in one collection call, ids in one query. */
export const recordsPerCall = 200
/** Records with entries that the engine hands over at once: each becomes a graph of its own. */
export const graphsPerBatch = 25
/** `composite/graph` takes this many graphs, and this many nodes over all of them. */
export const graphsPerCall = 75
export const nodesPerCall = 500
/** Events that the Pub/Sub API lets a subscriber have outstanding. */
export const eventsOutstanding = 100
/** Pub/Sub says something at least every 270 s; after this much silence the stream is dead. */
export const silenceMs = 330_000
