// `npm run conformance -- <connector>`: a connector of ours by its name, anyone's by the path of the file that exports its
// subject. Prints a table; with --json, one line for CI at its end.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { Subject } from './index.ts'
import { points } from './points/index.ts'
import { prove } from './prove.ts'
import { absences, headline, json, line, summary } from './report.ts'

const help = `Usage: npm run conformance -- <connector> [--short] [--point <name>]… [--json]

Tries what the engine relies on against a live system, and says of each point: proved, failed, or absent and why.

  <connector>  one of ours (salesforce, sap-s4hana, …), or the path of a file that exports a subject:
               export const subject: Subject = { connector, start, lacks }
  --short      leaves out the points that take many seconds
  --point      this point alone; may be given more than once
  --json       one line for CI, at the end`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: 'boolean' },
    point: { type: 'string', multiple: true },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
})

process.exitCode = await main(positionals[0]).catch((error: unknown) => {
  // The system did not come up, or the file cannot be loaded.
  console.error(error instanceof Error ? error.message : String(error))
  return 1
})

async function main(name: string | undefined): Promise<number> {
  if (values.help || name === undefined) {
    console.log(help)
    return values.help ? 0 : 2
  }
  const file = [`connectors/${name}/test/conformance.ts`, name].find(existsSync)
  if (file === undefined) {
    console.error(
      `There is neither a connector "${name}" with a test/conformance.ts nor a file of that name.\n\n${help}`,
    )
    return 2
  }
  const only = points.map(({ point }) => point).filter(point => values.point?.includes(point))
  const unknown = (values.point ?? []).filter(name => !points.some(({ point }) => point === name))
  if (unknown.length > 0) {
    console.error(`There is no point ${unknown.join(', ')}. There are: ${points.map(({ point }) => point).join(', ')}.`)
    return 2
  }
  const { subject } = (await import(pathToFileURL(resolve(file)).href)) as { subject?: Subject }
  if (!subject) {
    console.error(`${file} exports no subject: export const subject: Subject = { connector, start }`)
    return 2
  }
  if (!values.json) console.log(headline(subject.connector.name))
  const report = await prove(subject, {
    short: values.short === true,
    ...(only.length > 0 && { only }),
    onResult: result => {
      if (!values.json && result.result !== 'absent') console.log(line(result))
    },
  })
  console.log(values.json ? json(report) : `\n${absences(report)}\n\n${summary(report)}`)
  return report.results.some(({ result }) => result === 'failed') ? 1 : 0
}
