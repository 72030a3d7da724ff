// The address of the problems screen.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '../../shell/root.tsx'

export const problemsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/problems',
  component: lazyRouteComponent(() => import('./problems.tsx'), 'Problems'),
})
