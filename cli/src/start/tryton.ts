/** Tryton beside S/4HANA, where `--with-tryton` asks for it: a program of others, on a database of its own in our PostgreSQL. */
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { missingTryton, startTrytonSandbox, type TrytonSandbox } from '@plumbline/sandbox-tryton'
import { Failure } from '../failure.ts'
import type { Child } from './child.ts'

export type Tryton = Child & Pick<TrytonSandbox, 'url' | 'database' | 'password' | 'login'>

export type TrytonOptions = {
  readonly port: number
  readonly folder: string
  readonly logs: string
  readonly postgresUrl: string
  readonly say: (sentence: string) => void
  /** Making its database takes minutes; who stops does not wait for it. */
  readonly giveUp: AbortSignal
}

/** Asked before anything is started. */
export function refuseWithoutTryton(): void {
  const install = missingTryton()
  if (install)
    throw new Failure('Tryton is not installed here, and --with-tryton needs it.', `Install it: ${install}`, 'start')
}

export async function startTryton({ port, folder, logs, postgresUrl, say, giveUp }: TrytonOptions): Promise<Tryton> {
  const logFile = join(logs, 'tryton.log')
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 })
  const died = Promise.withResolvers<Failure>()
  const tryton = await startTrytonSandbox({
    ...{ port, folder, postgresUrl, say, giveUp },
    log: line => log.write(`${line}\n`),
    onExit: how => died.resolve(new Failure(how, `Its log is ${logFile}.`, 'died')),
  }).catch(cause => {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Failure(`Tryton cannot be started: ${why}`, `Its log is ${logFile}.`, 'start', { cause })
  })
  const { url, database, password, login, pid, stop } = tryton
  return {
    ...{ what: 'Tryton', url, database, password, login, pid },
    died: died.promise,
    stop: () => stop().finally(() => log.end()),
    kill: () => void tryton.kill(),
  }
}

/** For a project that has an instance for it where they are given. Its company sells in dollars, so Salesforce has two currencies. */
export function trytonSettings({ url, database, login }: Tryton): Record<string, string> {
  const { user, password } = login('integration')
  return {
    TRYTON_URL: url,
    TRYTON_DATABASE: database,
    TRYTON_USER: user,
    TRYTON_PASSWORD: password,
    SALESFORCE_CURRENCIES: 'several',
  }
}
