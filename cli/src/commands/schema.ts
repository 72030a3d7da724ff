/** `plumb schema`: the project's contracts as JSON Schema, for those who read our API or follow our events. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AnyContract } from '@plumbline/sdk'
import type { Command } from 'commander'
import { Failure } from '../failure.ts'
import { count, json, line } from '../print.ts'
import { findProject, loadProject } from '../project.ts'
import { aboutProject, type WithProject } from './options.ts'

export function addSchemaCommand(program: Command): void {
  aboutProject(program.command('schema'), [
    'plumb schema order                 one contract',
    'plumb schema --out ./schemas       every contract, a file for each',
  ])
    .summary('write the contracts as JSON Schema')
    .description(
      'Prints a contract as JSON Schema (draft 2020-12), or writes every contract into a folder.\n' +
        'It reads the project alone: nothing need run.',
    )
    .argument('[contract]', 'as the project names it')
    .option('--out <folder>', 'write a file for each, named contract.version.schema.json')
    .action(schema)
}

type Options = WithProject & { readonly out?: string }

async function schema(named: string | undefined, options: Options, command: Command): Promise<void> {
  const project = await loadProject(findProject(options.project))
  const { schemaOf } = await import('@plumbline/engine')
  const contracts = project.contracts.filter(one => named === undefined || one.contract === named)
  if (contracts.length === 0 && named !== undefined) {
    throw new Failure(
      `The project ${project.project} has no contract "${named}".`,
      `Name one of: ${project.contracts.map(one => one.contract).join(', ')}.`,
      'usage',
    )
  }
  const { out } = options
  if (out !== undefined) {
    const files = contracts.map(contract => ({ file: fileOf(contract), schema: schemaOf(project, contract) }))
    write(out, files)
    if (options.json) return json({ folder: out, files: files.map(one => one.file) })
    return line(`${count(files.length, 'schema')} in ${out}: ${files.map(one => one.file).join(', ')}`)
  }
  const [only] = contracts
  if (named === undefined || !only)
    command.error('error: name a contract, or a folder for all of them with --out', { exitCode: 2 })
  line(JSON.stringify(schemaOf(project, only), undefined, options.json ? 0 : 2))
}

const fileOf = ({ contract, options }: AnyContract): string => `${contract}.${options.version ?? 1}.schema.json`

function write(folder: string, files: readonly { readonly file: string; readonly schema: object }[]): void {
  try {
    mkdirSync(folder, { recursive: true })
    for (const { file, schema } of files) writeFileSync(join(folder, file), `${JSON.stringify(schema, undefined, 2)}\n`)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Failure(
      `The schemas cannot be written into ${folder}: ${why}.`,
      'Name a folder that you may write to.',
      'usage',
      {
        cause,
      },
    )
  }
}
