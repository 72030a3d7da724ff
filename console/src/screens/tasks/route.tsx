// The address of the tasks screen.
import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../../shell/root.tsx'
import { tasksAddress } from './address.ts'
import { Tasks } from './tasks.tsx'

export const tasksRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/tasks',
  validateSearch: tasksAddress,
  component: Tasks,
})
