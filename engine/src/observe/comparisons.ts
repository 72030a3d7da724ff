// What was compared with what, because nobody had told, or to be sure: each comparison with its story.
import { type ComparisonKind, type Found, foundIn, type Progress, storyOf } from '../kernel/comparison.ts'
import { type ComparisonRow, comparisonsOf, gapsNow } from '../store/comparisons.ts'
import type { Tx } from '../store/db.ts'

export type ComparisonLine = {
  readonly comparison: string
  readonly system: string
  /** `lost`: its changes were not heard for too long; `overflow`: more changed than it can tell; `sweep`: to be sure. */
  readonly kind: ComparisonKind
  readonly objects: readonly string[]
  /** What changed from here on, by the system's clock, is read first. */
  readonly since: Date | null
  readonly reason: string
  readonly askedBy: string | null
  /** Only counted; nothing that it finds is acted upon. */
  readonly preview: boolean
  readonly state: 'reading' | 'bringing in' | 'ended'
  readonly found: Found
  readonly progress: Progress
  readonly openedAt: Date
  readonly readAt: Date | null
  readonly endedAt: Date | null
  /** Why it does not go on just now. */
  readonly trouble: string | null
  /** All of this as a person tells it. */
  readonly story: string
}

const lineOf = (row: ComparisonRow): ComparisonLine => ({
  comparison: row.comparison,
  system: row.system,
  kind: row.kind,
  objects: row.objects,
  since: row.since,
  reason: row.reason,
  askedBy: row.asked_by,
  preview: row.preview,
  state: row.ended_at ? 'ended' : row.read_at ? 'bringing in' : 'reading',
  found: foundIn(row.progress),
  progress: row.progress,
  openedAt: row.opened_at,
  readAt: row.read_at,
  endedAt: row.ended_at,
  trouble: row.trouble,
  story: storyOf(row),
})

/** The newest first. */
export const comparisonLines = async (
  tx: Tx,
  asked: { systems?: readonly string[]; comparison?: string; limit: number },
): Promise<ComparisonLine[]> => (await comparisonsOf(tx, asked)).map(lineOf)

/** The gaps that are being read. */
export const openGaps = async (tx: Tx): Promise<ComparisonLine[]> => (await gapsNow(tx)).map(lineOf)
