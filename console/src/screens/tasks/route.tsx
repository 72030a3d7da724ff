// The address of the tasks screen.
import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../../shell/root.tsx'
import { Tasks } from './tasks.tsx'

export const tasksRoute = createRoute({ getParentRoute: () => rootRoute, path: '/tasks', component: Tasks })
