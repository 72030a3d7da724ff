/** Finds the project that a command is about and loads it. */
import { existsSync, statSync } from 'node:fs'
import { dirname, extname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Project } from '@plumbline/sdk'
import { Failure } from './failure.ts'

const EXAMPLE = '@plumbline/example-quote-to-cash'
const FILES = ['project.ts', 'project.mts', 'project.js', 'project.mjs']

export type Found = { readonly file: string; readonly folder: string; readonly isExample: boolean }

/** In this order: what is named, PLUMBLINE_PROJECT, `project.ts` here, the example that Plumbline brings. */
export function findProject(named: string | undefined): Found {
  const wanted = named ?? process.env.PLUMBLINE_PROJECT
  if (wanted !== undefined && wanted !== '') return found(fileOf(resolve(wanted)), false)
  const here = projectIn(process.cwd())
  return here ? found(here, false) : found(exampleFile(), true)
}

const found = (file: string, isExample: boolean): Found => ({ file, folder: dirname(file), isExample })

const projectIn = (folder: string): string | undefined =>
  FILES.map(name => join(folder, name)).find(file => existsSync(file))

function fileOf(path: string): string {
  if (!existsSync(path))
    throw new Failure(
      `There is no project at ${path}.`,
      'Name its project.ts, or the folder that holds it, with --project.',
      'project',
    )
  if (!statSync(path).isDirectory()) return path
  const inside = projectIn(path)
  if (inside) return inside
  throw new Failure(`The folder ${path} holds no project.ts.`, 'Name the file with --project.', 'project')
}

function exampleFile(): string {
  try {
    return fileURLToPath(import.meta.resolve(EXAMPLE))
  } catch (cause) {
    throw new Failure(
      'There is no project.ts here.',
      'Go to the folder of your project, or name it with --project.',
      'project',
      { cause },
    )
  }
}

export async function loadProject({ file }: Found): Promise<Project> {
  const module: unknown = await import(pathToFileURL(file).href).catch(cause => {
    throw new Failure(`The project ${file} cannot be loaded: ${reasonOf(cause)}`, hintFor(file, cause), 'project', {
      cause,
    })
  })
  const project = typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
  if (isProject(project)) return project
  throw new Failure(
    `${file} exports no project.`,
    "Write: export default project('name', { contracts, roles, systems, workflows }).",
    'project',
  )
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

function hintFor(file: string, cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : ''
  if (code === 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING')
    return 'Node reads no TypeScript inside node_modules: name a built file (.js).'
  if (code === 'ERR_MODULE_NOT_FOUND') return 'Install what it imports (npm install), or correct the import.'
  return extname(file).includes('ts') ? 'plumb check and tsc --noEmit say more.' : 'Mend it, then try again.'
}

function isProject(value: unknown): value is Project {
  return (
    typeof value === 'object' && value !== null && 'project' in value && 'contracts' in value && 'workflows' in value
  )
}
