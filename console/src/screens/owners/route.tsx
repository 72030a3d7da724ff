// The address of the matrix of owners.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '../../shell/root.tsx'
import { ownersAddress } from './address.ts'

export const ownersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/owners',
  validateSearch: ownersAddress,
  component: lazyRouteComponent(() => import('./owners.tsx'), 'Owners'),
})
