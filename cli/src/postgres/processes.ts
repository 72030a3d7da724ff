/** What the system says about processes that we may not have started ourselves. */
import { spawnSync } from 'node:child_process'
import { readlink, realpath } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemCode } from './start-problem.ts'

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemCode(error) === 'EPERM'
  }
}

/**
 * Whether this process is a PostgreSQL server of this data folder. A process number alone proves nothing: after a
 * reboot it belongs to somebody else, and a copied folder names the server of the original.
 */
export async function servesFolder(pid: number, data: string): Promise<boolean> {
  if (!alive(pid)) return false
  if (process.platform === 'linux') {
    const [working, wanted] = await Promise.all([
      readlink(`/proc/${pid}/cwd`).catch(() => undefined),
      realpath(data).catch(() => data),
    ])
    return working === wanted
  }
  if (process.platform === 'win32') return true
  return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout.includes(data)
}

/** Polls until the condition holds; false when the time is over first. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs
  while (!(await condition())) {
    if (Date.now() > deadline) return false
    await sleep(50)
  }
  return true
}
