// Parts of the page that come when they are needed. While Plumbline does not answer they are waited for, as all else is.
import { getJson } from './api/client.ts'

const AGAIN_MS = 2_000

// A style sheet that did not come would count as there when it is asked for again.
document.addEventListener('error', ({ target }) => void (target instanceof HTMLLinkElement && target.remove()), true)

/** `lazy(comes(() => import('./part.tsx')))`. Fails where Plumbline answers and has no such part: it is of another version. */
export const comes =
  <T>(load: () => Promise<T>) =>
  async (): Promise<T> => {
    for (let wasThere = false; ; ) {
      try {
        return await load()
      } catch (error) {
        if (wasThere) throw error
        wasThere = await answers()
        if (!wasThere) await new Promise(go => setTimeout(go, AGAIN_MS))
      }
    }
  }

const answers = (): Promise<boolean> =>
  getJson('/api/numbers').then(
    () => true,
    () => false,
  )
