// Finds where a project's files declare what a finding is about. A project is a value and knows no files: this reads them
// for the words that declare a thing, and answers nothing where somebody declares it in another way.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Finding } from '@plumbline/engine'

export type Place = { readonly file: string; readonly line: number }
type Source = { readonly file: string; readonly text: string }

const NOT_OURS = new Set(['node_modules', 'dist'])

/** A finder for the project in a folder; its answers name files from there. Nothing is read before it is asked. */
export function locator(folder: string): (finding: Finding) => Place | undefined {
  let sources: readonly Source[] | undefined
  return finding => {
    sources ??= sourcesIn(folder).map(file => ({ file: relative(folder, file), text: readFileSync(file, 'utf8') }))
    return place(sources, finding)
  }
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    if (entry.name.startsWith('.') || NOT_OURS.has(entry.name)) return []
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sourcesIn(path)
    return /(?<!\.d|\.test)\.m?[jt]s$/.test(entry.name) ? [path] : []
  })
}

function place(sources: readonly Source[], finding: Finding): Place | undefined {
  const { contract, field, workflow, system, role } = finding
  if (contract !== undefined) {
    const declared = find(sources, String.raw`(?:(\w+)\s*=\s*)?\b(?:contract|fact)\(\s*${quoted(contract)}`)
    const mapped = system !== undefined && declared?.name ? mapping(sources, declared.name, system) : undefined
    return at(inside(mapped ?? declared, field))
  }
  if (workflow !== undefined) return at(find(sources, String.raw`\bworkflow\(\s*${quoted(workflow)}`))
  if (system !== undefined) return at(find(sources, String.raw`\bfill\(\s*\w+,\s*${quoted(system)}`))
  return role === undefined ? undefined : at(find(sources, String.raw`\brole\(\s*${quoted(role)}`))
}

type Found = { readonly source: Source; readonly index: number; readonly name: string | undefined }

function find(sources: readonly Source[], pattern: string): Found | undefined {
  for (const source of sources) {
    const match = new RegExp(pattern).exec(source.text)
    if (match) return { source, index: match.index, name: match[1] }
  }
  return undefined
}

/** The mapping of a contract that a system lists: of several, the one whose name its `fill` mentions. */
function mapping(sources: readonly Source[], contract: string, system: string): Found | undefined {
  const filled = find(sources, String.raw`\bfill\(\s*\w+,\s*${quoted(system)}`)
  const listed = filled?.source.text.slice(filled.index) ?? ''
  for (const source of sources) {
    for (const match of source.text.matchAll(new RegExp(String.raw`(\w+)\s*=\s*mapping\(\s*${contract}\b`, 'g'))) {
      const [, name = ''] = match
      if (new RegExp(String.raw`\b${name}\b`).test(listed)) return { source, index: match.index, name }
    }
  }
  return undefined
}

/** The field's own line within what was found, where it stands there. */
function inside(found: Found | undefined, field: string | undefined): Found | undefined {
  if (!found || field === undefined) return found
  const end = /^\S*\)\s*$/m.exec(found.source.text.slice(found.index))
  const body = found.source.text.slice(found.index, end ? found.index + end.index : undefined)
  let from = 0
  for (const part of field.split('.')) {
    const match = new RegExp(String.raw`^\s*['"]?${part}['"]?\s*:`, 'm').exec(body.slice(from))
    if (!match) break
    from += match.index + match[0].length
  }
  return { ...found, index: found.index + Math.max(0, from - 1) }
}

const at = (found: Found | undefined): Place | undefined =>
  found && { file: found.source.file, line: found.source.text.slice(0, found.index).split('\n').length }

const quoted = (name: string): string => String.raw`['"\`]${name.replace(/[.*+?^$()|[\]\\{}]/g, String.raw`\$&`)}['"\`]`
