// The first screen: what comes soon is drawn at once, instead of its shape and then it. public/first.js has asked for it already.
import type { QueryClient } from '@tanstack/react-query'
import { numbersQuery } from './api/queries.ts'
import type { makeRouter } from './router.tsx'

/** Since the page was asked for. Who is slower to answer has the shape of the screen shown first. */
const PATIENCE_MS = 500

export const firstScreen = (router: ReturnType<typeof makeRouter>, client: QueryClient): Promise<unknown> =>
  Promise.race([answers(router, client), new Promise(go => setTimeout(go, PATIENCE_MS - performance.now()))])

/** Of whatever the screen's address makes it ask for. */
async function answers(router: ReturnType<typeof makeRouter>, client: QueryClient): Promise<void> {
  void client.prefetchQuery(numbersQuery)
  await router.load()
  const asked = client.getQueryCache().getAll()
  await Promise.allSettled(asked.map(query => query.promise))
}
