// The address of the list of journeys: its filter is all in it.
import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../../shell/root.tsx'
import { Journeys } from './journeys.tsx'

export const journeysRoute = createRoute({ getParentRoute: () => rootRoute, path: '/journeys', component: Journeys })
