/** A PostgreSQL without its data: for a start from the beginning that keeps what took long to make. */
import pg from 'pg'
import { startPostgres } from './start-postgres.ts'

/** Removes every database that is no template; false where that cannot be done, whatever the reason. */
export async function emptyPostgres(folder: string): Promise<boolean> {
  try {
    const postgres = await startPostgres({ folder, port: 0 })
    await dropDatabases(postgres.url).finally(postgres.stop)
    return true
  } catch {
    return false
  }
}

async function dropDatabases(url: string): Promise<void> {
  const maintenance = new URL(url)
  maintenance.pathname = '/postgres'
  const client = new pg.Client({ connectionString: maintenance.href })
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string }>(
      `select datname as name from pg_database where not datistemplate and datname <> 'postgres'`,
    )
    for (const { name } of rows) await client.query(`drop database ${client.escapeIdentifier(name)} with (force)`)
  } finally {
    await client.end()
  }
}
