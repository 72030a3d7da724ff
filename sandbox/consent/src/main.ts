// Runs the sandbox as a process of its own: node main.ts --port 4604 --data <folder>
import { parseArgs } from 'node:util'
import { startConsentSandbox } from './index.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4604' },
    host: { type: 'string', default: '127.0.0.1' },
    data: { type: 'string' },
  },
})

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

const port = Number(values.port)
if (!Number.isInteger(port) || port < 0 || port > 65_535) fail(`--port must be a port number, not '${values.port}'.`)
if (!values.data) fail('--data must name the folder that keeps the state of the sandbox.')

try {
  const sandbox = await startConsentSandbox({ port, host: values.host, dataFolder: values.data })
  const stop = () => {
    sandbox.close().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  process.stdout.write(`${JSON.stringify({ ready: true, url: sandbox.url })}\n`)
} catch (error) {
  const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  if (inUse) fail(`Port ${port} on ${values.host} is in use by another process; choose another with --port.`)
  fail(`The consent sandbox could not start: ${error instanceof Error ? error.message : String(error)}`)
}
