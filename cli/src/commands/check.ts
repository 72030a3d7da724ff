/** `plumb check`: what is wrong with a project, before anything runs. */
import { relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { locator } from '../locate.ts'
import { count, json, line } from '../print.ts'
import { findProject, loadProject } from '../project.ts'
import { schemasBeside } from '../schemas.ts'
import { aboutProject, type WithProject } from './options.ts'

export function addCheckCommand(program: Command): void {
  aboutProject(program.command('check'), ['plumb check', 'plumb check --project ./acme --json'])
    .summary('check a project without running it')
    .description(
      'Checks a project without running it: owners, mappings, picklists, homes, derivations, and what workflows must not do.\n' +
        'Ends with 1 when something is found. What a workflow calls in other functions it does not look into.',
    )
    .action(check)
}

async function check({ project: named, json: asJson }: WithProject): Promise<void> {
  const found = findProject(named)
  const project = await loadProject(found)
  const engine = await import('@plumbline/engine')
  const locate = locator(found.folder)
  const findings = engine.check(project, schemasBeside(found)).map(finding => ({ ...finding, ...locate(finding) }))
  if (findings.length > 0) process.exitCode = 1
  if (asJson) return json({ project: project.project, file: found.file, findings })
  const here = (file: string): string => relative(process.cwd(), resolve(found.folder, file))
  if (findings.length === 0) return line(`${project.project} (${here(found.file)}) is well: ${sizeOf(project)}.`)
  for (const { code, where, sentence, todo, file, line: at } of findings) {
    line(`${file === undefined ? '' : `${here(file)}:${at}  `}${where}  [${code}]`)
    line(`  ${sentence}`)
    line(`  to do: ${todo}`)
  }
  line(`\n${count(findings.length, 'finding')} in ${here(found.file)}.`)
}

const sizeOf = ({ contracts, systems, workflows }: Awaited<ReturnType<typeof loadProject>>): string =>
  [count(contracts.length, 'contract'), count(systems.length, 'system'), count(workflows.length, 'workflow')].join(', ')
