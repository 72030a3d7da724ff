// The address of the tasks screen.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { comes } from '../../coming.ts'
import { rootRoute } from '../../shell/root.tsx'
import { tasksAddress } from './address.ts'

export const tasksRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/tasks',
  validateSearch: tasksAddress,
  component: lazyRouteComponent(
    comes(() => import('./tasks.tsx')),
    'Tasks',
  ),
})
