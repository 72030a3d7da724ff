// The other screens come while the first one is read: gone to, they are there at once, also when Plumbline is away just then.
import type { makeRouter } from './router.tsx'

export function loadAhead(router: ReturnType<typeof makeRouter>): void {
  const load = (): void => {
    const screens = Object.values(router.routesById).map(route => router.loadRouteChunk(route))
    const pictures = [import('./screens/journeys/stages-chart.tsx'), import('./screens/systems/trend.tsx')]
    // What does not come now is asked for when it is needed.
    void Promise.allSettled([...screens, ...pictures])
  }
  if (document.readyState === 'complete') whenIdle(load)
  else window.addEventListener('load', () => whenIdle(load), { once: true })
}

const whenIdle = (work: () => void): void => {
  requestIdleCallback(work, { timeout: 3_000 })
}
