// Runs the sandbox as a process: `--port 4601 --pubsub-port 4602 --data <folder> --metadata <json file> --currencies EUR,USD`.
import { parseArgs } from 'node:util'
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js'
import { startSalesforceSandbox } from './index.ts'

async function main(): Promise<void> {
  // What gRPC would log is told by our own sentence.
  setLogVerbosity(logVerbosity.NONE)
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '4601' },
      'pubsub-port': { type: 'string', default: '4602' },
      host: { type: 'string', default: '127.0.0.1' },
      data: { type: 'string', default: './salesforce-data' },
      metadata: { type: 'string' },
      currencies: { type: 'string' },
      'bulk-pause-ms': { type: 'string' },
    },
  })
  const sandbox = await startSalesforceSandbox({
    port: portOf(values.port),
    pubsubPort: portOf(values['pubsub-port']),
    host: values.host,
    dataFolder: values.data,
    jwtKey: true,
    metadata: values.metadata,
    currencies: values.currencies?.split(','),
    bulkPauseMs: values['bulk-pause-ms'] === undefined ? undefined : Number(values['bulk-pause-ms']),
  })
  console.log(JSON.stringify({ ready: true, url: sandbox.url, pubsubPort: sandbox.pubsubPort }))
  const stop = () => {
    sandbox.close().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

function portOf(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port < 65536) return port
  throw new Error(`${text} is no port number`)
}

main().catch((error: unknown) => {
  console.error(`The Salesforce sandbox cannot start: ${reasonOf(error)}`)
  process.exit(1)
})

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const port = /EADDRINUSE.*?:(\d+)\D*$/s.exec(text)?.[1]
  return port ? `port ${port} is already in use` : text
}
