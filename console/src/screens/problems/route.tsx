// The address of the problems screen.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { comes } from '../../coming.ts'
import { rootRoute } from '../../shell/root.tsx'

export const problemsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/problems',
  component: lazyRouteComponent(
    comes(() => import('./problems.tsx')),
    'Problems',
  ),
})
