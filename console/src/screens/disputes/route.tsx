// The address of the disputes.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { comes } from '../../coming.ts'
import { rootRoute } from '../../shell/root.tsx'
import { disputesAddress } from './address.ts'

export const disputesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/disputes',
  validateSearch: disputesAddress,
  component: lazyRouteComponent(
    comes(() => import('./disputes.tsx')),
    'Disputes',
  ),
})
