// The address of the systems screen.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { comes } from '../../coming.ts'
import { rootRoute } from '../../shell/root.tsx'

export const systemsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/systems',
  component: lazyRouteComponent(
    comes(() => import('./systems.tsx')),
    'Systems',
  ),
})
