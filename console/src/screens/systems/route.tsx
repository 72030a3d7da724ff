// The address of the systems screen.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '../../shell/root.tsx'

export const systemsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/systems',
  component: lazyRouteComponent(() => import('./systems.tsx'), 'Systems'),
})
