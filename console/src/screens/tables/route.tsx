// The address of the value tables.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { comes } from '../../coming.ts'
import { rootRoute } from '../../shell/root.tsx'

export const tablesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/tables',
  component: lazyRouteComponent(
    comes(() => import('./tables.tsx')),
    'Tables',
  ),
})
