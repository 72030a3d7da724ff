// The address of the gaps and sweeps.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '../../shell/root.tsx'
import { gapsAddress } from './address.ts'

export const gapsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/gaps',
  validateSearch: gapsAddress,
  component: lazyRouteComponent(() => import('./gaps.tsx'), 'Gaps'),
})
