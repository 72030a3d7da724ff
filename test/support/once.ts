/** What is made once for a machine: whoever comes second waits for the first. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export async function onceForAll(place: string, isThere: () => boolean, make: () => Promise<void>): Promise<void> {
  const lock = `${place}.lock`
  while (!isThere()) {
    if (!taken(lock)) {
      await sleep(500)
      continue
    }
    try {
      if (!isThere()) await make()
    } finally {
      rmSync(lock, { force: true })
    }
  }
}

/** The lock names its holder, so that one who was killed does not keep the next one waiting. */
function taken(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    if (isAbandoned(lock)) rmSync(lock, { force: true })
    return false
  }
}

function isAbandoned(lock: string): boolean {
  try {
    const holder = Number(readFileSync(lock, 'utf8'))
    process.kill(holder, 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
