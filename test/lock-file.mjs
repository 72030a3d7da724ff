/**
 * `npm ci` refuses a lock file that leaves out the packages of other platforms, and npm leaves them out whenever the
 * registry it asks does not carry them. This finds them, and `node test/lock-file.mjs --write` puts them back: their
 * versions are exact in the packages that want them, their platforms are in their names.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const SYSTEMS = ['darwin', 'linux', 'win32', 'android', 'freebsd', 'openbsd', 'netbsd', 'sunos', 'aix', 'openharmony']
const PROCESSORS = ['x64', 'arm64', 'arm', 'ia32', 'riscv64', 'loong64', 'ppc64', 's390x', 'mips64el', 'wasm32']

/**
 * The optional dependencies that the lock file's packages name and the lock file does not hold.
 * @param {Record<string, { optionalDependencies?: Record<string, string>, dev?: boolean }>} packages
 * @returns {{ path: string, name: string, version: string, dev: boolean }[]}
 */
function leftOut(packages) {
  const missing = new Map()
  for (const [parent, { optionalDependencies = {}, dev = false }] of Object.entries(packages)) {
    for (const [name, range] of Object.entries(optionalDependencies)) {
      if (resolves(packages, parent, name)) continue
      const path = `node_modules/${name}`
      const version = range.replace(/^[~^]/, '')
      // A second version of the same package stands below the package that wants it.
      const taken = missing.get(path)
      const place = taken && taken.version !== version ? `${parent}/${path}` : path
      missing.set(place, { path: place, name, version, dev: dev && (taken?.dev ?? true) })
    }
  }
  return [...missing.values()]
}

/** Node's way: beside the package's own dependencies, then in each folder above. */
function resolves(packages, parent, name) {
  for (let folder = parent; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`
    if (packages[path]) return true
    if (folder === '') return false
  }
}

function entryFor({ name, version, dev }) {
  const words = name
    .replace(/^.*?\//, '')
    .replace('windows', 'win32')
    .split(/[-_.]/)
  const os = SYSTEMS.filter(system => words.includes(system))
  const cpu = PROCESSORS.filter(processor => words.includes(processor))
  if (name === 'fsevents') os.push('darwin')
  if (words.includes('universal')) cpu.length = 0
  if (os.length === 0 && cpu.length === 0) throw new Error(`No platform is known for ${name}`)
  const libc = os.includes('linux')
    ? words.flatMap(word => ({ gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' })[word] ?? [])
    : []
  return {
    version,
    ...(cpu.length > 0 && { cpu }),
    ...(dev && { dev }),
    ...(libc.length > 0 && { libc }),
    optional: true,
    ...(os.length > 0 && { os }),
  }
}

function completed(packages) {
  const added = leftOut(packages).map(one => [one.path, entryFor(one)])
  const [root, ...others] = [...Object.entries(packages), ...added]
  return Object.fromEntries([root, ...others.sort(([a], [b]) => a.localeCompare(b, 'en'))])
}

const file = fileURLToPath(new URL('../package-lock.json', import.meta.url))
const lock = JSON.parse(readFileSync(file, 'utf8'))
const names = leftOut(lock.packages).map(({ path, version }) => `  ${path} ${version}`)
console.log([`${names.length} packages of other platforms are missing in package-lock.json`, ...names].join('\n'))
if (process.argv.includes('--write')) {
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: completed(lock.packages) }, null, 2)}\n`)
} else if (names.length > 0) {
  console.log('Add them with: node test/lock-file.mjs --write')
  process.exitCode = 1
}
