// The address of a story: a journey's id, or any number or name of one of its records.
import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../../shell/root.tsx'
import { StoryScreen } from './story.tsx'

export const storyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/journeys/$asked',
  component: StoryScreen,
})
