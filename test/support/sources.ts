// The sources of this repository and what each imports, for the tests that look at the code itself.
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** One import, as written and as the file it leads to; a package's own files and Node's have no `target`. */
export type Import = { readonly from: string; readonly says: string; readonly target: string | undefined }

const IGNORED = new Set(['node_modules', 'dist', 'coverage', '.git', '.plumbline'])

/** The paths below a folder of the repository that end so, with `/` between the names. */
export function filesIn(folder: string, ...endings: readonly string[]): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(entry => !IGNORED.has(entry.name))
    .flatMap(entry => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) return filesIn(path, ...endings)
      return endings.some(ending => path.endsWith(ending)) ? [path] : []
    })
    .sort()
}

export const foldersIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter(entry => entry.isDirectory() && !IGNORED.has(entry.name))
    // Git knows no empty folders, and neither do we.
    .filter(entry => filesIn(folder === '' ? entry.name : `${folder}/${entry.name}`, '').length > 0)
    .map(entry => entry.name)

export const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The code without its comments, and without texts unless they are wanted; every line keeps its number. */
export function codeOf(source: string, { texts }: { readonly texts: boolean }): string {
  const token = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g
  const blank = (text: string): string => text.replace(/[^\n]/g, ' ')
  return source.replace(token, text => {
    if (text.startsWith('/')) return blank(text)
    if (texts) return text
    // What a template computes is code.
    return text.startsWith('`') ? text.replace(/(^`|\})[^$]*(?=\$\{|`$)/g, blank) : blank(text)
  })
}

const IMPORTS = [
  /(?:^|[;\n])\s*(?:import|export)\s[^;'"]*?\sfrom\s*(['"])(.+?)\1/g,
  /(?:^|[;\n])\s*import\s*(['"])(.+?)\1/g,
  /\b(?:import|import\.meta\.resolve)\(\s*(['"])(.+?)\1/g,
]

/** What a file imports, types included. */
export function importsOf(path: string): Import[] {
  const code = codeOf(read(path), { texts: true })
  return IMPORTS.flatMap(pattern => [...code.matchAll(pattern)]).map(([, , says = '']) => ({
    from: path,
    says,
    target: says.startsWith('.') ? posix.normalize(`${posix.dirname(path)}/${says}`) : undefined,
  }))
}

/** The circles among imports, each told as the files it leads through. */
export function circlesIn(imports: readonly Import[]): string[] {
  const targets = Map.groupBy(imports, one => one.from)
  const done = new Set<string>()
  const circles = new Set<string>()
  const visit = (file: string, way: readonly string[]): void => {
    const met = way.indexOf(file)
    if (met >= 0) circles.add([...way.slice(met), file].join(' → '))
    if (met >= 0 || done.has(file)) return
    for (const { target } of targets.get(file) ?? []) if (target) visit(target, [...way, file])
    done.add(file)
  }
  for (const file of targets.keys()) visit(file, [])
  return [...circles]
}

/** The folders of the workspaces, as package.json names them. */
export function workspaces(): { folder: string; name: string; manifest: Manifest }[] {
  const patterns: readonly string[] = (JSON.parse(read('package.json')) as { workspaces: string[] }).workspaces
  return patterns
    .flatMap(pattern =>
      pattern.endsWith('/*')
        ? foldersIn(pattern.slice(0, -2)).map(name => `${pattern.slice(0, -1)}${name}`)
        : [pattern],
    )
    .map(folder => {
      const manifest = JSON.parse(read(`${folder}/package.json`)) as Manifest
      return { folder, name: manifest.name, manifest }
    })
}

export type Manifest = {
  readonly name: string
  readonly files: readonly string[]
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}
