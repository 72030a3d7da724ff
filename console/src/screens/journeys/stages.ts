// The open journeys by stage, in the order in which they are passed.
import type { Amount, JourneyPage } from '../../api/types.ts'
import { NO_STAGE } from './words.ts'

export type Bar = {
  readonly stage: string
  readonly name: string
  readonly count: number
  readonly worth: readonly Amount[]
}

/** The same stage of several workflows stands as one. Stages where nothing is stand there too, so that the picture keeps its shape. */
export function barsOf({ facets, journeys }: Pick<JourneyPage, 'facets' | 'journeys'>): Bar[] {
  const counted = Map.groupBy(facets.byCheckpoint, one => one.checkpoint ?? '')
  return stagesOf([...counted.keys()], journeys).map(stage => {
    const same = counted.get(stage) ?? []
    return {
      stage,
      name: stage === '' ? NO_STAGE : stage,
      count: same.reduce((sum, one) => sum + one.count, 0),
      worth: same.flatMap(one => one.worth),
    }
  })
}

/** Who has reached the last one has, as a rule, ended: it stands there only when something is counted. */
function stagesOf(counted: readonly string[], journeys: JourneyPage['journeys']): string[] {
  const whole = [...new Set(journeys.flatMap(line => line.checkpoints.slice(0, -1).map(one => one.checkpoint)))]
  const first = counted.filter(stage => stage === '')
  return [...new Set([...first, ...whole, ...counted])]
}
