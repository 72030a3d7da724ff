// The whole story of a journey, or of anything that has a number: one timeline of what was heard, decided, written,
// waited for and answered. It reads rows that the work left; nothing is written for it.
import type { Plan } from '../kernel/plan.ts'
import type { Tx } from '../store/db.ts'
import { type Cast, castOf, type StoryRecord } from './cast.ts'
import { type JourneyLine, journeysByName } from './journeys.ts'
import { resolve } from './resolve.ts'
import { type Moment, timelineOf } from './timeline.ts'

export type Story = {
  readonly asked: string
  readonly title: string
  readonly journeys: readonly JourneyLine[]
  readonly records: readonly StoryRecord[]
  readonly timeline: readonly Moment[]
  /** True when there is more than a page can tell: a customer with thousands of orders. */
  readonly shortened: boolean
}

/** Nothing when the project knows nothing by that name. */
export async function storyOf(tx: Tx, plan: Plan, asked: string): Promise<Story | undefined> {
  const { refs, journeys: names } = await resolve(tx, plan, asked.trim())
  const journeys = await journeysByName(tx, plan, names)
  if (refs.length === 0 && journeys.length === 0) return undefined
  const cast = await castOf(tx, plan, journeys.length > 0 ? journeys.map(journey => journey.ref) : refs)
  const { timeline, shortened } = await timelineOf(tx, plan, journeys, cast.records)
  return {
    asked,
    title: titleOfStory(asked, journeys, cast),
    journeys,
    records: cast.records,
    timeline,
    shortened: shortened || cast.shortened,
  }
}

const titleOfStory = (asked: string, journeys: readonly JourneyLine[], cast: Cast): string =>
  journeys[0]?.title ?? cast.records[0]?.title ?? asked
