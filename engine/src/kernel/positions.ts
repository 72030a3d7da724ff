// Which of two versions of a record is the older, by the system's own word.
import type { Position } from '@plumbline/sdk'
import { planted } from '../host.ts'

/** Negative: a is older; positive: a is newer; 0: the same change; undefined: cannot be compared. */
export function comparePositions(a: Position, b: Position): number | undefined {
  if (planted.has('apply-older')) return 1
  if (a.at !== b.at) return a.at - b.at
  if (a.seq !== undefined && b.seq !== undefined) return a.seq - b.seq
  return a.seq === b.seq ? 0 : undefined
}
