// What the pages say is there, is there: links, commands, addresses, settings, numbers.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { findRuntime, SOURCE_FLAGS } from '../cli/bin/runtime.mjs'
import { codeOf, filesIn, read, root } from './support/sources.ts'

const PAGES = ['README.md', 'ARCHITECTURE.md', 'STYLE.md'].concat(
  ['docs', 'decisions', 'examples', 'sandbox'].flatMap(folder => filesIn(folder, '.md')),
)
const found = (pages: readonly string[], pattern: RegExp): { page: string; is: string }[] =>
  pages.flatMap(page => [...read(page).matchAll(pattern)].map(([, is = '']) => ({ page, is })))

test('links lead to a file', () => {
  const links = found(PAGES, /\]\(([^)#:]+)(?:#[^)]*)?\)/g)
  expect(links.length).toBeGreaterThan(5)
  expect(links.filter(({ page, is }) => !existsSync(join(root, dirname(page), is)))).toEqual([])
})

test('files that pages name are there', () => {
  const named = found(
    ['ARCHITECTURE.md', 'STYLE.md', ...filesIn('decisions', '.md')],
    /`([\w./-]+\.(?:ts|mjs|sql|md|txt))`/g,
  )
  const places = ['', 'engine/src', 'connectors/salesforce/src', 'cli/src'].map(folder => join(root, folder))
  const missing = named.filter(({ is }) => !places.some(place => existsSync(join(place, is))))
  // Named by its short name right after its neighbour in the same folder.
  const short = new Set(filesIn('engine/src', '.ts').map(path => path.split('/').at(-1)))
  expect(missing.filter(({ is }) => !short.has(is))).toEqual([])
})

test('commands that pages show exist', () => {
  const runtime = findRuntime(import.meta.url)
  const node = 'node' in runtime ? runtime.node : ''
  const help = execFileSync(node, [...SOURCE_FLAGS, 'cli/src/main.ts', '--help'], { cwd: root, encoding: 'utf8' })
  const known = new Set([...help.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name))
  const commands = found(PAGES, /(?:`(?:npx )?plumb |npm run plumb -- |^ {4}plumb )([a-z]+)/gm)
  expect(commands.length).toBeGreaterThan(5)
  expect(commands.filter(({ is }) => !known.has(is))).toEqual([])
  const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts
  expect(found(PAGES, /\bnpm run ([a-z]+)/g).filter(({ is }) => !(is in scripts))).toEqual([])
})

test('addresses of the admin API are those it serves', () => {
  const api = filesIn('engine/src/gateway', '.ts').map(read).join('\n')
  const told = found(['README.md', 'docs/operate.md'], /`(?:GET |POST )?(\/(?:api|healthz)[\w/:]*)/g)
  expect(told.length).toBeGreaterThan(5)
  expect(told.filter(({ is }) => !api.includes(`'${is}'`))).toEqual([])
})

test('the table of routes has every route of the admin API, and no other', () => {
  const code = filesIn('engine/src/gateway', '.ts').map(read).join('\n')
  const served = [...code.matchAll(/\bapp\.(get|post|put|delete)\b[^(]*\(\s*'(\/[^']*)'/g)]
    .map(([, method = '', path = '']) => `${method.toUpperCase()} ${path}`)
    // The console: every other address is a page of it.
    .filter(route => route !== 'GET /*')
  const table = read('docs/operate.md').split('## The admin API')[1]?.split('\n## ')[0] ?? ''
  const told = [...table.matchAll(/^\| `((?:GET|POST|PUT|DELETE) [^`]+)`/gm)].map(([, route]) => route)
  expect(told.length).toBeGreaterThan(10)
  expect(told.toSorted()).toEqual(served.toSorted())
})

test('settings are told of, and are read', () => {
  const code = ['cli/src', 'engine/src', 'examples']
    .flatMap(folder => filesIn(folder, '.ts'))
    .filter(path => !path.includes('/test/'))
    .map(path => codeOf(read(path), { texts: true }))
    .join('\n')
  const inCode = new Set([...code.matchAll(/\b(PLUMBLINE_[A-Z0-9_]+|DATABASE_URL)\b/g)].map(([name]) => name))
  // Of the fault campaigns alone.
  inCode.delete('PLUMBLINE_PLANTED_BUG')
  const inDocs = new Set(found(['docs/operate.md'], /`(PLUMBLINE_[A-Z0-9_]+|DATABASE_URL)`/g).map(({ is }) => is))
  expect([...inDocs].sort()).toEqual([...inCode].sort())
})

test('decisions are numbered without gaps', () => {
  const numbers = filesIn('decisions', '.md').map(path => Number(/\/(\d{4})-/.exec(path)?.[1]))
  expect(numbers).toEqual(numbers.map((_, i) => i + 1))
  for (const path of filesIn('decisions', '.md')) {
    expect(read(path)).toMatch(new RegExp(`^# ${Number(path.slice(10, 14))}\\. `))
    for (const part of ['Context', 'Choice', 'Consequence']) expect(read(path)).toContain(`**${part}.**`)
  }
})
