// The address of the disputes.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '../../shell/root.tsx'
import { disputesAddress } from './address.ts'

export const disputesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/disputes',
  validateSearch: disputesAddress,
  component: lazyRouteComponent(() => import('./disputes.tsx'), 'Disputes'),
})
