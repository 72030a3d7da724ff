/** One start per data folder: a socket that falls with the process however it ends, and tells a second one who is there. */
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Failure } from '../failure.ts'

const GREETING_PATIENCE_MS = 2_000

/** Throws when another start keeps this folder. Returns how to let go. */
export async function beTheOnlyOne(folder: string, who: string): Promise<() => Promise<void>> {
  const socket = socketFor(folder)
  const other = await greetingAt(socket)
  if (other !== undefined) throw alreadyThere(folder, other)
  if (process.platform !== 'win32') await rm(socket, { force: true })
  const server = createServer(client => client.end(who))
  await listen(server, socket).catch(async () => {
    throw alreadyThere(folder, (await greetingAt(socket)) ?? 'another process')
  })
  server.unref()
  return () => new Promise(resolve => server.close(() => resolve()))
}

const alreadyThere = (folder: string, who: string): Failure =>
  new Failure(
    `Plumbline already runs with the folder ${folder}: ${who}.`,
    'Use that one, stop it first (Ctrl-C), or start with another folder (--data) and other ports.',
    'running',
  )

/** Not inside the folder: a socket's path may have about a hundred characters only. */
function socketFor(folder: string): string {
  const name = `plumbline-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`)
}

function greetingAt(socket: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  let said = ''
  const client = connect(socket)
  client.setTimeout(GREETING_PATIENCE_MS, () => client.destroy())
  client.setEncoding('utf8')
  client.on('data', text => {
    said += text
  })
  client.once('error', () => resolve(undefined))
  client.once('close', () => resolve(said === '' ? undefined : said))
  return promise
}

function listen(server: Server, socket: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(socket, () => resolve())
  return promise
}
