/**
 * Which account PostgreSQL runs as. It refuses to run as root, so root hands it to another account; everybody
 * else runs it as themselves.
 */
import { spawnSync } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { StartProblem } from './start-problem.ts'

/** `other` is set only when we are root. */
export type Account = { other?: { uid: number; gid: number } }

/** An operator may create the first; the others are what systems bring. initdb insists on an account with a name. */
const NAMES = ['plumbline', 'postgres', 'nobody']

export async function accountFor(dataFolder: string): Promise<Account> {
  if (process.getuid?.() !== 0) return {}
  const owner = await stat(dataFolder).catch(() => undefined)
  // Existing data keeps its owner, so a folder begun by a plain user can also be started by root.
  if (owner && owner.uid !== 0) return { other: { uid: owner.uid, gid: owner.gid } }
  for (const name of NAMES) {
    const uid = numberFrom('-u', name)
    const gid = numberFrom('-g', name)
    if (uid && gid) return { other: { uid, gid } }
  }
  throw new StartProblem(
    `PostgreSQL does not run as root, and this machine has none of the accounts ${NAMES.join(', ')}.`,
    'Create one (useradd --system plumbline), or start as another user than root.',
  )
}

function numberFrom(flag: '-u' | '-g', name: string): number | undefined {
  const answer = spawnSync('id', [flag, name], { encoding: 'utf8' })
  return answer.status === 0 ? Number(answer.stdout) : undefined
}

/** The part of spawn's options that makes a child run as this account. */
export function runAs(account: Account): { uid?: number; gid?: number } {
  return account.other ? { ...account.other } : {}
}

/**
 * The environment of PostgreSQL's programs: nothing that the caller's shell happens to hold (PGDATA, LANG, secrets),
 * so a cluster looks the same wherever it was made.
 */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const fixed = { LC_ALL: 'C', TZ: 'UTC' }
  if (process.platform === 'win32') {
    const kept = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG)/i.test(name))
    return { ...Object.fromEntries(kept), ...fixed }
  }
  const { PATH = '/usr/bin:/bin', HOME, LD_LIBRARY_PATH } = process.env
  return { PATH, ...(HOME && { HOME }), ...(LD_LIBRARY_PATH && { LD_LIBRARY_PATH }), ...fixed }
}
