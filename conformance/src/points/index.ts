// All points, in the order in which they are tried.
import { changing } from './changing.ts'
import { creating } from './creating.ts'
import { ends } from './ends.ts'
import { feed } from './feed.ts'
import { limits } from './limits.ts'
import type { Point } from './point.ts'
import { prices } from './prices.ts'
import { reading } from './reading.ts'
import { values } from './values.ts'

/** What fills a system with many records comes last: each list of all takes longer after that. */
const all = [...creating, ...changing, ...ends, ...feed, ...prices, ...limits, ...values, ...reading] as const

export type PointName = (typeof all)[number]['point']
export const points: readonly Point<PointName>[] = all
