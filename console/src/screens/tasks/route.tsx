// The address of the tasks screen.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '../../shell/root.tsx'
import { tasksAddress } from './address.ts'

export const tasksRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/tasks',
  validateSearch: tasksAddress,
  component: lazyRouteComponent(() => import('./tasks.tsx'), 'Tasks'),
})
