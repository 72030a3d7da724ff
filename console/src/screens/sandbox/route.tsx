// The address of the sandbox screen.
import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../../shell/root.tsx'
import { SandboxScreen } from './sandbox.tsx'

export const sandboxRoute = createRoute({ getParentRoute: () => rootRoute, path: '/sandbox', component: SandboxScreen })
