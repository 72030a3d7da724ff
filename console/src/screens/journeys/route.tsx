// The address of the list of journeys: its filter is all in it.
import { createRoute } from '@tanstack/react-router'
import { journeysQuery } from '../../api/queries.ts'
import { rootRoute } from '../../shell/root.tsx'
import { chosenFrom, paramsOf } from './filter.ts'
import { Journeys } from './journeys.tsx'

export const journeysRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/journeys',
  validateSearch: chosenFrom,
  loaderDeps: ({ search }) => search,
  // Asked for before the screen is there; the screen shows what comes of it.
  loader: ({ context: { client }, deps }) => void client.prefetchQuery(journeysQuery(paramsOf(deps))),
  component: Journeys,
})
