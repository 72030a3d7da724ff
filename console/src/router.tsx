// All screens, joined below the shell.
import type { QueryClient } from '@tanstack/react-query'
import { createRoute, createRouter, redirect } from '@tanstack/react-router'
import { Failure } from './parts/failure.tsx'
import { disputesRoute } from './screens/disputes/route.tsx'
import { gapsRoute } from './screens/gaps/route.tsx'
import { journeysRoute } from './screens/journeys/route.tsx'
import { ownersRoute } from './screens/owners/route.tsx'
import { problemsRoute } from './screens/problems/route.tsx'
import { sandboxRoute } from './screens/sandbox/route.tsx'
import { storyRoute } from './screens/story/route.tsx'
import { systemsRoute } from './screens/systems/route.tsx'
import { tablesRoute } from './screens/tables/route.tsx'
import { tasksRoute } from './screens/tasks/route.tsx'
import { NotFound } from './shell/not-found.tsx'
import { rootRoute } from './shell/root.tsx'
import { parsePlain, stringifyPlain } from './words/address.ts'

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/journeys' })
  },
})

const tree = rootRoute.addChildren([
  homeRoute,
  journeysRoute,
  storyRoute,
  tasksRoute,
  tablesRoute,
  systemsRoute,
  ownersRoute,
  disputesRoute,
  gapsRoute,
  problemsRoute,
  sandboxRoute,
])

export const makeRouter = (client: QueryClient) =>
  createRouter({
    routeTree: tree,
    context: { client },
    parseSearch: parsePlain,
    stringifySearch: stringifyPlain,
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    defaultErrorComponent: ({ error, reset }) => <Failure error={error} again={reset} />,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
  })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>
  }
}
