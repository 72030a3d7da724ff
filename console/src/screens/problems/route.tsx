// The address of the problems screen.
import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../../shell/root.tsx'
import { Problems } from './problems.tsx'

export const problemsRoute = createRoute({ getParentRoute: () => rootRoute, path: '/problems', component: Problems })
