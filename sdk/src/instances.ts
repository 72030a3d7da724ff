// The instances of a project that each have a file of their own: a new one is there as soon as its file is.
import { readdir } from 'node:fs/promises'
import type { Instance } from './role.ts'

/**
 * What the modules of a folder export by default, in the order of their names: `await instancesIn(new URL('./instances/',
 * import.meta.url))`. A module that exports nothing, since its settings are not given, is left out. Throws an Error that names the
 * file when one exports something else, or when the folder cannot be read.
 */
export async function instancesIn(folder: URL): Promise<readonly Instance[]> {
  const names = (await readdir(folder)).filter(name => /^[^.]+\.(ts|js)$/.test(name)).sort()
  const modules = await Promise.all(
    names.map(async name => ({ name, module: (await import(new URL(name, folder).href)) as { default?: unknown } })),
  )
  return modules.flatMap(({ name, module }) => {
    if (module.default === undefined) return []
    if (isInstance(module.default)) return [module.default]
    throw new Error(`${new URL(name, folder).pathname} exports no instance. Write: export default fill(…)`)
  })
}

const isInstance = (value: unknown): value is Instance =>
  typeof value === 'object' && value !== null && 'instance' in value && 'connector' in value && 'mappings' in value
