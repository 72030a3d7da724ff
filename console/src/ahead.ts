// What is not needed to read the first screen comes while it is read: whatever is gone to then is there at once, also when
// Plumbline is away just then.
import { becomeLater } from './later.ts'
import type { makeRouter } from './router.tsx'

/** Once the first screen is drawn. */
export function loadAhead(router: ReturnType<typeof makeRouter>): void {
  const load = (): void => {
    becomeLater()
    const screens = Object.values(router.routesById).map(route => router.loadRouteChunk(route))
    const parts = [
      import('./parts/dialog-frame.tsx'),
      import('./screens/story/values.tsx'),
      import('./screens/journeys/stages-chart.tsx'),
      import('./screens/systems/trend.tsx'),
    ]
    // What does not come now is asked for when it is needed.
    void Promise.allSettled([...screens, ...parts])
  }
  requestIdleCallback(load, { timeout: 3_000 })
}
