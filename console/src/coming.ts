// Parts of the page that come when they are needed. While Plumbline does not answer they are waited for, as all else is. Where it
// answers and a part does not come, it has another version by now than this page: that is said, and nothing is taken away.
import { getJson, Refusal } from './api/client.ts'
import { flag } from './flag.ts'

const AGAIN_MS = 2_000
const pause = (): Promise<void> => new Promise(go => setTimeout(go, AGAIN_MS))

const missing = flag()
export const useMissing = missing.useIt

// Whoever asks again for the part does not ask for its style sheet again.
document.addEventListener(
  'error',
  ({ target }) => {
    if (target instanceof HTMLLinkElement && target.rel === 'stylesheet')
      void pause().then(() => target.replaceWith(target.cloneNode()))
  },
  true,
)

/** `lazy(comes(() => import('./part.tsx')))`: what does not come although Plumbline answers is waited for no more. */
export const comes =
  <T>(load: () => Promise<T>) =>
  async (): Promise<T> => {
    for (let wasThere = false; ; ) {
      try {
        return await load()
      } catch {
        if (wasThere) break
        wasThere = await answers()
        await pause()
      }
    }
    missing.raise()
    return new Promise(() => undefined)
  }

let asked: Promise<boolean> | undefined

function answers(): Promise<boolean> {
  asked ??= getJson('/api/numbers')
    .then(
      () => true,
      // Its own no is an answer too.
      (error: unknown) => error instanceof Refusal && error.status >= 400 && error.status < 500,
    )
    .finally(() => {
      asked = undefined
    })
  return asked
}
