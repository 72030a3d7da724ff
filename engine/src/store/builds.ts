// Which builds of the project have run here. A version's cause names the one that understood it, by its short number.
import type { Query, Tx } from './db.ts'

const known: Query = { name: 'build-known', text: 'select build from build where hash = $1' }
const added: Query = {
  name: 'build-add',
  text: 'insert into build (hash, project) values ($1, $2) on conflict (hash) do nothing',
}

const others: Query = {
  name: 'build-others',
  text: `select from worker where lease_until > clock_timestamp() and build <> (select build from worker where worker = $1) limit 1`,
}
/** Whether a process of another build works beside this one, as while one release replaces another. */
export const doOtherBuildsRun = async (tx: Tx, worker: string): Promise<boolean> =>
  (await tx.query(others, [worker])).length > 0

/** The number of a build; given once, whoever starts first. */
export async function buildNumber(tx: Tx, hash: string, project: string): Promise<number> {
  const find = async (): Promise<number | undefined> => (await tx.query<{ build: number }>(known, [hash]))[0]?.build
  const found = await find()
  if (found !== undefined) return found
  await tx.query(added, [hash, project])
  return (await find()) ?? 0
}
