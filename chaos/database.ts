// The embedded PostgreSQL of a campaign, that can be killed like any process and comes back at the same address.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Postgres, startPostgres } from '../cli/src/postgres/index.ts'

export type Database = {
  readonly url: string
  /** `kill -9` of the server, then started again; answers how long it was away. */
  killAndRestart(awayMs: number): Promise<number>
  stop(): Promise<void>
}

export async function openDatabase(folder: string): Promise<Database> {
  let server = await startPostgres({ folder, port: 0 })
  const { url, port } = server
  const gone = (of: Postgres): Promise<void> => new Promise(resolve => of.onExit(() => resolve()))
  return {
    url,
    async killAndRestart(awayMs) {
      const began = performance.now()
      const ended = gone(server)
      process.kill(server.pid, 'SIGKILL')
      await ended
      await sleep(awayMs)
      server = await startPostgres({ folder, port })
      return performance.now() - began
    },
    stop: () => server.stop(),
  }
}
