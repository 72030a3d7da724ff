/** What `plumb start` was asked for: ports and folders, each by flag, environment or default. */
import { createServer, Server } from 'node:net'
import { join, resolve } from 'node:path'
import { Failure } from '../failure.ts'
import { findPostgres } from '../postgres/index.ts'

/** Where each part listens, in the order in which they are shown. */
export const PORTS = {
  engine: { flag: '--port', env: 'PLUMBLINE_PORT', port: 4600, what: 'Plumbline' },
  salesforce: {
    flag: '--salesforce-port',
    env: 'PLUMBLINE_SALESFORCE_PORT',
    port: 4601,
    what: 'the Salesforce sandbox',
  },
  pubsub: {
    flag: '--pubsub-port',
    env: 'PLUMBLINE_PUBSUB_PORT',
    port: 4602,
    what: "the Salesforce sandbox's change events",
  },
  s4: { flag: '--s4-port', env: 'PLUMBLINE_S4_PORT', port: 4603, what: 'the SAP S/4HANA sandbox' },
  consent: { flag: '--consent-port', env: 'PLUMBLINE_CONSENT_PORT', port: 4604, what: 'the consent sandbox' },
  postgres: { flag: '--postgres-port', env: 'PLUMBLINE_POSTGRES_PORT', port: 4605, what: 'PostgreSQL' },
  tryton: { flag: '--tryton-port', env: 'PLUMBLINE_TRYTON_PORT', port: 4606, what: 'Tryton' },
} as const

export type Part = keyof typeof PORTS
/** Tryton has one where it is asked for. */
export type Ports = Readonly<Record<Exclude<Part, 'tryton'>, number>> & { readonly tryton?: number }
export const PARTS: readonly Part[] = ['engine', 'salesforce', 'pubsub', 's4', 'consent', 'postgres', 'tryton']

export type Folders = {
  readonly data: string
  readonly logs: string
  readonly postgres: string
  readonly salesforce: string
  readonly s4: string
  readonly consent: string
  readonly tryton: string
}

export function foldersIn(data: string): Folders {
  const home = resolve(data)
  return {
    data: home,
    logs: join(home, 'logs'),
    postgres: join(home, 'postgres'),
    salesforce: join(home, 'salesforce'),
    s4: join(home, 's4'),
    consent: join(home, 'consent'),
    tryton: join(home, 'tryton'),
  }
}

/** Looks at every port before anything is started; 0 becomes a free one. */
export async function settlePorts(wanted: Ports, folders: Folders): Promise<Ports> {
  refuseSame(wanted)
  // A database that outlived its keeper is taken over where it is.
  const ours = (await findPostgres(folders.postgres))?.port
  const settled = { ...wanted }
  const taken: string[] = []
  const probes: Server[] = []
  for (const part of PARTS) {
    const port = wanted[part]
    if (port === undefined) continue
    const adopted = part === 'postgres' && ours !== undefined && (port === 0 || port === ours)
    const probe = adopted ? undefined : await probePort(port).catch((cause: Error) => cause)
    if (probe instanceof Error) taken.push(problemOf(part, port, probe))
    else settled[part] = probe ? portOf(probe) : (ours ?? 0)
    if (probe instanceof Server) probes.push(probe)
  }
  // Held until all are chosen, so that no free one is chosen twice.
  await Promise.all(probes.map(probe => new Promise(resolve => probe.close(resolve))))
  if (taken.length > 0) {
    const flags = PARTS.filter(part => wanted[part] !== undefined)
      .map(part => PORTS[part].flag)
      .join(', ')
    throw new Failure(
      taken.join('\n'),
      `Stop the programs that use them, or choose other ports (${flags}; 0 takes any free one).`,
      'port',
    )
  }
  return settled
}

function refuseSame(ports: Ports): void {
  for (const [i, part] of PARTS.entries()) {
    const other = PARTS.slice(0, i).find(earlier => ports[part] && ports[earlier] === ports[part])
    if (!other) continue
    const { what, flag } = PORTS[part]
    throw new Failure(
      `Port ${ports[part]} is meant for both ${PORTS[other].what} and ${what}.`,
      `Give one of them another with ${PORTS[other].flag} or ${flag}.`,
      'port',
    )
  }
}

function problemOf(part: Part, port: number, cause: Error): string {
  const { what } = PORTS[part]
  const inUse = 'code' in cause && cause.code === 'EADDRINUSE'
  return inUse
    ? `Port ${port}, meant for ${what}, is already in use.`
    : `Port ${port}, meant for ${what}, cannot be opened: ${cause.message}.`
}

function probePort(port: number): Promise<Server> {
  const { promise, resolve, reject } = Promise.withResolvers<Server>()
  const probe = createServer()
  probe.once('error', reject)
  probe.listen({ port, host: '127.0.0.1' }, () => resolve(probe))
  return promise
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}
