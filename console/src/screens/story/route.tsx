// The address of a story: a journey's id, or any number or name of one of its records; and what of it is shown.
import { createRoute } from '@tanstack/react-router'
import { storyQuery } from '../../api/queries.ts'
import { rootRoute } from '../../shell/root.tsx'
import type { Shown } from './lanes.ts'
import { StoryScreen } from './story.tsx'

type StorySearch = {
  readonly show?: Exclude<Shown, 'all'>
  readonly record?: string
  /** The record whose values are open, and the field whose value is explained. */
  readonly explain?: string
  readonly field?: string
}

export const storyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/journeys/$asked',
  validateSearch: (search: Record<string, unknown>): StorySearch => ({
    ...((search.show === 'course' || search.show === 'exchange') && { show: search.show }),
    ...(typeof search.record === 'string' && { record: search.record }),
    ...(typeof search.explain === 'string' && { explain: search.explain }),
    ...(typeof search.field === 'string' && { field: search.field }),
  }),
  loader: ({ context: { client }, params }) => void client.prefetchQuery(storyQuery(params.asked)),
  component: StoryScreen,
})
