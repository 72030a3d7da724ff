// The address of the sandbox screen.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { comes } from '../../coming.ts'
import { rootRoute } from '../../shell/root.tsx'

export const sandboxRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sandbox',
  component: lazyRouteComponent(
    comes(() => import('./sandbox.tsx')),
    'SandboxScreen',
  ),
})
