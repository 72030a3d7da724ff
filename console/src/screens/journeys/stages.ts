// The open journeys by stage, in the order in which they are passed.
import type { Amount, JourneyPage } from '../../api/types.ts'
import { NO_STAGE } from './words.ts'

export type Bar = {
  readonly stage: string
  readonly name: string
  readonly count: number
  readonly worth: readonly Amount[]
}

/** The same stage of several workflows stands as one. */
export const barsOf = ({ byCheckpoint }: JourneyPage['facets']): Bar[] =>
  [...Map.groupBy(byCheckpoint, one => one.checkpoint ?? '')].map(([stage, same]) => ({
    stage,
    name: stage === '' ? NO_STAGE : stage,
    count: same.reduce((sum, one) => sum + one.count, 0),
    worth: same.flatMap(one => one.worth),
  }))
