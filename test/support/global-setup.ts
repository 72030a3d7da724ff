// One embedded PostgreSQL for a whole run of the tests; each test file takes a database of its own from it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startPostgres } from '../../cli/src/postgres/index.ts'
import { missingTryton } from '../../sandbox/tryton/src/packages.ts'
import type {} from './postgres.ts'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const missing = missingTryton()
  if (missing && !process.env.PLUMBLINE_SLOW_TESTS)
    console.log(`Not run, as Tryton is not installed here: the tests with a real Tryton. For them: ${missing}`)
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-test-'))
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), port: 0 })
  project.provide('postgresUrl', postgres.url)
  return async () => {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
