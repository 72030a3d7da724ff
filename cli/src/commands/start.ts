/** `plumb start`: its flags, and what it says. */
import { relative } from 'node:path'
import { type Command, Option } from 'commander'
import { report } from '../failure.ts'
import { duration, json, line, table } from '../print.ts'
import { findProject } from '../project.ts'
import { foldersIn, PARTS, PORTS, type Ports } from '../start/settings.ts'
import type { Addresses, Say } from '../start/start.ts'
import { portNumber, projectOption, withExamples } from './options.ts'

type Options = {
  project?: string
  port: number
  salesforcePort: number
  pubsubPort: number
  s4Port: number
  consentPort: number
  postgresPort: number
  trytonPort: number
  withTryton?: boolean
  data: string
  fresh?: boolean
  traffic: boolean
  json?: boolean
}

export function addStartCommand(program: Command): void {
  const command = withExamples(program.command('start'), [
    'plumb start',
    'plumb start --fresh --no-traffic',
    'plumb start --with-tryton',
    'plumb start --port 0 --salesforce-port 0 --pubsub-port 0 --s4-port 0 --consent-port 0 --postgres-port 0 --data /tmp/try',
  ])
    .summary('start everything: database, sandboxes, engine, a little traffic')
    .description(
      'Starts a PostgreSQL, sandboxes of Salesforce, SAP S/4HANA and a consent service, the engine and a little traffic, all\n' +
        'on this machine, and tells each business event as it happens. Ctrl-C stops everything in order; a second one hurries.',
    )
    .addOption(projectOption())
  for (const part of PARTS) {
    const { flag, env, port, what } = PORTS[part]
    command.addOption(
      new Option(`${flag} <port>`, `of ${what}; 0 takes any free one`).env(env).argParser(portNumber).default(port),
    )
  }
  command
    .addOption(new Option('--data <folder>', 'for everything that is kept').env('PLUMBLINE_DATA').default('.plumbline'))
    .addOption(
      new Option('--with-tryton', 'a second ERP beside S/4HANA: a real Tryton, where it is installed').env(
        'PLUMBLINE_WITH_TRYTON',
      ),
    )
    .option('--fresh', 'remove what is kept and begin anew')
    .option('--no-traffic', 'no quotes, shipments and payments but your own')
    .option('--json', 'one line of JSON for each thing said, for programs')
    .action(run)
}

async function run(options: Options): Promise<void> {
  const ports: Ports = {
    engine: options.port,
    salesforce: options.salesforcePort,
    pubsub: options.pubsubPort,
    s4: options.s4Port,
    consent: options.consentPort,
    postgres: options.postgresPort,
    ...(options.withTryton && { tryton: options.trytonPort }),
  }
  const { stop, hurry } = signals()
  // Only now: it brings a client of Salesforce along, for which no other command should wait.
  const { Asked, start } = await import('../start/start.ts')
  await start({
    project: findProject(options.project),
    ports,
    folders: foldersIn(options.data),
    fresh: options.fresh ?? false,
    traffic: options.traffic,
    say: options.json ? inJson : inWords,
    stop,
    hurry,
  }).catch(error => {
    if (!(error instanceof Asked)) process.exitCode = report(error, options.json ?? false)
  })
  // Idle connections of libraries would keep the process for a while.
  process.exit(process.exitCode ?? 0)
}

/** One Ctrl-C may come twice, from the terminal and from whoever started us. A person's second one takes longer. */
const SAME_CTRL_C_MS = 500

function signals(): { stop: AbortSignal; hurry: AbortSignal } {
  const stop = new AbortController()
  const hurry = new AbortController()
  let first = Number.NEGATIVE_INFINITY
  const heard = (): void => {
    if (!stop.signal.aborted) first = performance.now()
    else if (performance.now() - first < SAME_CTRL_C_MS) return
    const which = stop.signal.aborted ? hurry : stop
    which.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, heard)
  return { stop: stop.signal, hurry: hurry.signal }
}

const inWords: Say = {
  step: sentence => line(sentence),
  addresses: of => line(`\n${addressTable(of)}\n`),
  event: sentence => line(`${new Date().toLocaleTimeString('sv-SE')}  ${sentence}`),
}

const inJson: Say = {
  step: sentence => json({ step: sentence }),
  addresses: ({ ports, folders, project, tookMs }) =>
    json({ ready: true, ports, folders, project, tookMs: Math.round(tookMs) }),
  event: (sentence, event) => json({ event: sentence, ...event }),
}

function addressTable({ ports, folders, project, traffic, tryton, tookMs }: Addresses): string {
  const rows = [
    [
      'Plumbline',
      `http://localhost:${ports.engine}`,
      'the console in a browser; /api for programs; or: plumb journeys',
    ],
    ['Salesforce', `http://localhost:${ports.salesforce}`, 'client sandbox-admin, secret sandbox-admin-secret'],
    ['  change events', `localhost:${ports.pubsub}`, 'Pub/Sub API, self-signed'],
    ['SAP S/4HANA', `http://localhost:${ports.s4}`, 'user sandbox, password sandbox'],
    ['Consent service', `http://localhost:${ports.consent}`, 'API key sandbox-consent-key'],
    ['PostgreSQL', `localhost:${ports.postgres}`, `user plumbline, password in ${here(folders.postgres)}/data`],
    ...(tryton
      ? [
          [
            'Tryton',
            `http://localhost:${ports.tryton}`,
            `database ${tryton.database}, user manager, password ${tryton.password}`,
          ],
        ]
      : []),
  ]
  const places = [
    ['Project', here(project)],
    ['Data', here(folders.data)],
    ['Logs', here(folders.logs)],
  ].map(([what = '', where]) => `${what.padEnd(15)}  ${where}`)
  const next = traffic
    ? 'Quotes are being accepted; this is what becomes of them:'
    : 'Accept a quote in Salesforce; this is what becomes of it:'
  return `${table(['WHAT', 'WHERE', ''], rows)}\n${places.join('\n')}\n\nReady in ${duration(tookMs)}; Ctrl-C stops everything. ${next}`
}

/** Short where that is shorter. */
function here(path: string): string {
  const short = relative(process.cwd(), path)
  return short === '' ? '.' : short.startsWith('..') ? path : short
}
