// The address of the systems screen.
import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../../shell/root.tsx'
import { Systems } from './systems.tsx'

export const systemsRoute = createRoute({ getParentRoute: () => rootRoute, path: '/systems', component: Systems })
