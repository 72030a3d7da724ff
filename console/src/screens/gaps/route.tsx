// The address of the gaps and sweeps.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { comes } from '../../coming.ts'
import { rootRoute } from '../../shell/root.tsx'
import { gapsAddress } from './address.ts'

export const gapsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/gaps',
  validateSearch: gapsAddress,
  component: lazyRouteComponent(
    comes(() => import('./gaps.tsx')),
    'Gaps',
  ),
})
