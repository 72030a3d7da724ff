// The route above all others: the shell around every screen.
import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext } from '@tanstack/react-router'
import { Shell } from './shell.tsx'

export const rootRoute = createRootRouteWithContext<{ client: QueryClient }>()({ component: Shell })
