// The address of the matrix of owners.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { comes } from '../../coming.ts'
import { rootRoute } from '../../shell/root.tsx'
import { ownersAddress } from './address.ts'

export const ownersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/owners',
  validateSearch: ownersAddress,
  component: lazyRouteComponent(
    comes(() => import('./owners.tsx')),
    'Owners',
  ),
})
