// The master key, which seals the keys of persons: given in the environment, or kept in a file that the first start makes. It is
// not in the database, so that a copy of the database tells nothing.
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { KEY_BYTES, keyedHash } from '../kernel/seal.ts'
import type { Db } from './db.ts'
import type { Chance } from './personal-keys.ts'

/** Where it is looked for: a key, or else a file. */
export type MasterKeyAt = { readonly key: string | undefined; readonly file: string }

class NoMasterKey extends Error {
  readonly todo =
    'Bring that file back from where it was kept, or name the right one with PLUMBLINE_MASTER_KEY_FILE, or give the key itself as PLUMBLINE_MASTER_KEY; nothing was changed.'
}

const fingerprintOf = (key: Buffer): string => keyedHash(key, 'fingerprint').slice(0, 22)

/** The key by which this database is sealed; a new one is only made as long as nothing is, and nobody else has one. */
export async function masterKey(db: Db, at: MasterKeyAt, chance: Chance, name: string): Promise<Buffer> {
  const given = at.key === undefined ? await fromFile(at.file) : parsed(at.key, 'PLUMBLINE_MASTER_KEY')
  if (!given && (await isNeeded(db)))
    throw new NoMasterKey(
      `The master key that seals what is personal is not in ${at.file}, and this database needs it.`,
    )
  const key = given ?? (await made(at.file, chance, name))
  const fingerprint = fingerprintOf(key)
  await db.query(
    `insert into master_key (fingerprint) values ($1) on conflict (one) do update set fingerprint = excluded.fingerprint
     where not (${NEEDED})`,
    [fingerprint],
  )
  const [known] = await db.query<{ fingerprint: string }>('select fingerprint from master_key')
  if (known?.fingerprint === fingerprint) return key
  const from = at.key === undefined ? `in ${at.file}` : 'given as PLUMBLINE_MASTER_KEY'
  throw new NoMasterKey(`The master key ${from} is not the one that this database was sealed with.`)
}

/** Something is sealed with it, or another process may be about to. */
const NEEDED = `exists (select from personal_key where wrapped is not null) or exists (select from worker where lease_until > clock_timestamp())`
const isNeeded = async (db: Db): Promise<boolean> =>
  (await db.query(`select from master_key where ${NEEDED}`)).length > 0

async function fromFile(file: string): Promise<Buffer | undefined> {
  try {
    return parsed(await readFile(file, 'utf8'), file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function parsed(text: string, from: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length === KEY_BYTES) return key
  throw new NoMasterKey(`${from} holds no master key: it must be ${KEY_BYTES} bytes in base64.`)
}

/** Of several first starts one makes it: it appears whole or not at all. */
async function made(file: string, chance: Chance, name: string): Promise<Buffer> {
  const unfinished = `${file}.${name}`
  await mkdir(dirname(file), { recursive: true })
  await writeFile(unfinished, `${chance(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flush: true })
  try {
    await link(unfinished, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    await rm(unfinished, { force: true })
  }
  const key = await fromFile(file)
  if (!key) throw new NoMasterKey(`No master key could be kept in ${file}.`)
  return key
}
