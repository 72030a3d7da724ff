// The PostgreSQL that each Tryton of a test begins with, made once on a machine and copied from then on.
import { existsSync } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { missingTryton, prepareDatabase, preparedVersion } from '@plumbline/sandbox-tryton'
import { startPostgres } from '../../../cli/src/postgres/index.ts'
import { onceForAll } from '../once.ts'

/** Its folder: to be copied, never to be started. */
export async function fixture(): Promise<string> {
  const missing = missingTryton()
  if (missing) throw new Error(`Tryton is not installed here: ${missing}`)
  const place = join(tmpdir(), `plumbline-tryton-${userInfo().uid}-${await preparedVersion()}`)
  await onceForAll(
    place,
    () => existsSync(place),
    async () => {
      const folder = await mkdtemp(`${place}.new-`)
      try {
        await make(folder)
        await rename(folder, place)
      } catch (error) {
        await rm(folder, { recursive: true, force: true })
        throw error
      }
    },
  )
  return place
}

async function make(folder: string): Promise<void> {
  const postgres = await startPostgres({ folder, port: 0 })
  try {
    await prepareDatabase({ postgresUrl: postgres.url, folder: join(folder, 'tryton') })
  } finally {
    await postgres.stop()
  }
}
