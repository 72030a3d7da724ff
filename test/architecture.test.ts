/** The rules that keep this code one thing that a person can hold in the head. ARCHITECTURE.md says why. */
import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { findRuntime, SOURCE_FLAGS } from '../cli/bin/runtime.mjs'
import {
  circlesIn,
  codeOf,
  filesIn,
  foldersIn,
  type Import,
  importsOf,
  read,
  root,
  workspaces,
} from './support/sources.ts'

const SOURCES = [
  'sdk',
  'connectors',
  'conformance',
  'engine',
  'console',
  'cli',
  'sandbox',
  'examples',
  'chaos',
  'bench',
  'test',
]
  .filter(folder => existsSync(join(root, folder)))
  .flatMap(folder => filesIn(folder, '.ts', '.tsx', '.mjs'))
const IMPORTS = SOURCES.flatMap(importsOf)

const isTest = (path: string): boolean => /\.test\.tsx?$|\/test\//.test(path)
const product = (folder: string): Import[] => IMPORTS.filter(one => one.from.startsWith(folder) && !isTest(one.from))
const told = ({ from, says }: Import): string => `${from} imports ${says}`
const ours = ({ says }: Import): boolean => says.startsWith('@plumbline/')
const leaves = (folder: string) => (one: Import) => one.target !== undefined && !one.target.startsWith(`${folder}/`)

/** What of ours a package's code may import; its own files are its own matter. */
function strangers(folder: string, allowed: readonly string[]): string[] {
  return product(`${folder}/`)
    .filter(one => leaves(folder)(one) || (ours(one) && !allowed.includes(one.says)))
    .map(told)
}

describe('Who may import whom', () => {
  test('the sdk imports nothing of ours', () => {
    expect(strangers('sdk', [])).toEqual([])
  })

  test.each(foldersIn('connectors'))('the connector %s imports the sdk only', name => {
    expect(strangers(`connectors/${name}`, ['@plumbline/sdk'])).toEqual([])
  })

  test('the conformance kit imports the sdk only: anyone may use it', () => {
    expect(strangers('conformance', ['@plumbline/sdk'])).toEqual([])
  })

  test('the engine imports the sdk only: connectors arrive as values', () => {
    expect(strangers('engine', ['@plumbline/sdk'])).toEqual([])
  })

  test.each(foldersIn('sandbox'))(
    'the sandbox %s imports nothing of ours, so that it cannot be wrong with us',
    name => {
      expect(strangers(`sandbox/${name}`, [])).toEqual([])
    },
  )

  test.each(foldersIn('examples'))('the example %s imports the sdk and connectors, as a customer would', name => {
    const allowed = workspaces()
      .map(one => one.name)
      .filter(one => one === '@plumbline/sdk' || one.startsWith('@plumbline/connector-'))
    expect(strangers(`examples/${name}`, allowed)).toEqual([])
  })

  test("the console imports the admin API's types and nothing that runs", () => {
    expect(strangers('console', ['@plumbline/engine'])).toEqual([])
    const running = SOURCES.filter(path => path.startsWith('console/')).flatMap(path =>
      [...read(path).matchAll(/(?:^|\n)(?:import|export)\s([^;'"]*?)\sfrom\s'(@plumbline\/.+?)'/g)]
        .filter(([, what = '']) => !what.startsWith('type '))
        .map(([, , says]) => `${path} imports ${says}`),
    )
    expect(running).toEqual([])
  })

  test('nobody reaches into another workspace', () => {
    // Tests and fault campaigns need the embedded database, and this folder's tests the catalogues of errors: neither is
    // part of a published package's door. Whether Tryton is here is asked before a test run knows our packages.
    const catalogues = ['cli/src/failure.ts', 'engine/src/gateway/problems.ts', 'engine/src/kernel/finding.ts']
    const databases = ['cli/src/postgres/index.ts', 'sandbox/tryton/src/packages.ts']
    const supports = [...databases, 'cli/bin/runtime.mjs', 'test/support/', ...catalogues]
    const folders = workspaces().map(one => one.folder)
    // What lies in no workspace (tests, campaigns, measurements) is the repository's own.
    const homeOf = (path: string): string | undefined => folders.find(folder => path.startsWith(`${folder}/`))
    const relative = IMPORTS.filter(
      one =>
        one.target !== undefined &&
        homeOf(one.target) !== homeOf(one.from) &&
        !supports.some(path => one.target?.startsWith(path)),
    )
    const doors = new Set(
      workspaces().flatMap(({ name, manifest }) =>
        Object.keys(manifest.exports ?? {}).map(door => name + door.slice(1)),
      ),
    )
    const byName = IMPORTS.filter(one => ours(one) && !doors.has(one.says))
    expect([...relative, ...byName].map(told)).toEqual([])
  })

  test('what is imported of ours is among the dependencies', () => {
    const missing = workspaces().flatMap(({ folder, name: own, manifest }) =>
      IMPORTS.filter(one => one.from.startsWith(`${folder}/`) && ours(one)).filter(one => {
        const name = one.says.split('/').slice(0, 2).join('/')
        // A package's tests find it by its own name, as its users do.
        if (name === own && isTest(one.from)) return false
        // What the console's build takes in is in its dist, and installed with it no more.
        const built = folder === 'console' || isTest(one.from)
        const tested = built ? manifest.devDependencies?.[name] : undefined
        return (manifest.dependencies?.[name] ?? tested) === undefined
      }),
    )
    expect(missing.map(told)).toEqual([])
  })

  test('there are no circles, types included', () => {
    expect(circlesIn(IMPORTS)).toEqual([])
  })
})

describe('The stages of the engine', () => {
  /** Files at the engine's root that a stage may use: what it is given, and the types of the world it is given. */
  const given = ['engine/src/running.ts', 'engine/src/host.ts']
  const shared = ['kernel', 'store']
  const stages = foldersIn('engine/src').filter(folder => !shared.includes(folder))
  /** One stage that uses another, with the reason. */
  const exceptions: Readonly<Record<string, readonly string[]>> = {
    // Its answers are what observe reads; it adds addresses, problems and retries.
    gateway: ['observe'],
    // Its stories show what a mapping made of a change: the same pure code that made it.
    observe: ['translate'],
  }

  test.each(stages)('%s imports itself, the kernel and the store', stage => {
    const allowed = [stage, ...shared, ...(exceptions[stage] ?? [])].map(folder => `engine/src/${folder}/`)
    const wrong = product(`engine/src/${stage}/`).filter(
      ({ target }) => target && !given.includes(target) && !allowed.some(folder => target.startsWith(folder)),
    )
    expect(wrong.map(told)).toEqual([])
  })

  test('the kernel and the store know no stage', () => {
    const allowed = [...shared.map(folder => `engine/src/${folder}/`), 'engine/src/host.ts']
    const wrong = shared
      .flatMap(folder => product(`engine/src/${folder}/`))
      .filter(({ target }) => target && !allowed.some(path => target.startsWith(path)))
    expect(wrong.map(told)).toEqual([])
  })

  test('only flow.ts, understand.ts and the entry join stages', () => {
    const joining = product('engine/src/')
      .filter(({ from }) => from.split('/').length === 3)
      .filter(({ target }) => stages.some(stage => target?.startsWith(`engine/src/${stage}/`)))
      .map(({ from }) => from)
    expect([...new Set(joining)].sort()).toEqual([
      'engine/src/flow.ts',
      'engine/src/index.ts',
      'engine/src/understand.ts',
    ])
  })
})

test('clock, network, random and environment are touched in host.ts alone', () => {
  const world: readonly RegExp[] = [
    /\bDate\s*\.\s*now\b/,
    /\bnew\s+Date\s*\(\s*\)/,
    /\bMath\s*\.\s*random\b/,
    /(?<![\w$.])(?:setTimeout|setInterval)\s*\(/,
    /(?<![\w$.])fetch\s*\(/,
    /\bprocess\s*\.\s*(?:env|hrtime|pid)\b/,
    /\brandom(?:UUID|Bytes|Int)\b/,
    /\bperformance\s*\.\s*now\b/,
  ]
  const files = filesIn('engine/src', '.ts').filter(path => path !== 'engine/src/host.ts' && !isTest(path))
  const touched = files.flatMap(path =>
    codeOf(read(path), { texts: false })
      .split('\n')
      .flatMap((line, i) => (world.some(pattern => pattern.test(line)) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
  )
  const doors = /^node:(timers|os|http|https|http2|net|tls|dgram|dns|perf_hooks|process|child_process)\b/
  const imported = IMPORTS.filter(({ from, says }) => files.includes(from) && doors.test(says)).map(told)
  expect([...touched, ...imported]).toEqual([])
})

test('no file is longer than a person reads at once', () => {
  const most = 450
  /** Longer ones, each with the reason. */
  const allowed: Readonly<Record<string, string>> = {}
  const long = SOURCES.filter(path => read(path).trimEnd().split('\n').length > most)
  expect(long.filter(path => !(path in allowed))).toEqual([])
  expect(Object.keys(allowed).filter(path => !long.includes(path))).toEqual([])
})

test('every file opens with its purpose', () => {
  const silent = SOURCES.filter(path => !/^(?:#!.*\n)?(?:\/\/|\/\*\*)/.test(read(path)))
  expect(silent).toEqual([])
})

test('ARCHITECTURE.md has every folder in its table', () => {
  const named = new Set([...read('ARCHITECTURE.md').matchAll(/^\|\s*`([^`]+?)\/?`\s*\|/gm)].map(([, path]) => path))
  const folders = [
    ...foldersIn('').filter(name => !name.startsWith('.') || name === '.ci'),
    ...foldersIn('engine/src').map(name => `engine/src/${name}`),
    ...['connectors', 'sandbox', 'examples'].flatMap(folder => foldersIn(folder).map(name => `${folder}/${name}`)),
  ]
  expect(folders.filter(folder => !named.has(folder))).toEqual([])
  expect([...named].filter(path => path !== undefined && !existsSync(join(root, path)))).toEqual([])
})

/** Vitest runs what Node refuses (enums, types imported as values): so each entry runs once in the Node that users get. */
describe('Plain Node runs', () => {
  const runtime = findRuntime(import.meta.url)
  const node = 'node' in runtime ? runtime.node : ''
  const run = (...args: readonly string[]) => promisify(execFile)(node, [...SOURCE_FLAGS, ...args], { cwd: root })

  test.each(
    workspaces()
      .filter(({ manifest }) => manifest.exports?.['.'])
      .map(({ name, folder }) => [name, folder] as const),
  )('the entry of %s', async (name, folder) => {
    const code = `const it = await import('${name}'); console.log(Object.keys(it).length)`
    // From its own folder a package finds itself by name.
    const { stdout } = await promisify(execFile)(node, [...SOURCE_FLAGS, '--input-type=module', '-e', code], {
      cwd: join(root, folder),
    })
    expect(Number(stdout)).toBeGreaterThan(0)
  })

  test('the command line', async () => {
    const { stdout } = await run('cli/src/main.ts', '--help')
    expect(stdout).toContain('Usage: plumb')
  })

  // Tryton's server is no program of ours; who starts it gives it a PostgreSQL.
  const simulated = foldersIn('sandbox').filter(name => name !== 'tryton')
  test.each(simulated)('the sandbox %s as a process', async name => {
    const data = await mkdtemp(join(tmpdir(), 'plumbline-entry-'))
    const ports = name === 'salesforce' ? ['--port', '0', '--pubsub-port', '0'] : ['--port', '0']
    const child = spawn(node, [...SOURCE_FLAGS, `sandbox/${name}/src/main.ts`, ...ports, '--data', data], { cwd: root })
    try {
      const said = await new Promise<string>((resolve, reject) => {
        child.stdout.once('data', chunk => resolve(String(chunk)))
        child.stderr.once('data', chunk => reject(new Error(String(chunk))))
        child.once('exit', code => reject(new Error(`It ended with ${code}`)))
      })
      expect(JSON.parse(said)).toMatchObject({ ready: true })
    } finally {
      child.removeAllListeners('exit')
      const ended = new Promise(resolve => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
      await rm(data, { recursive: true, force: true })
    }
  })
})

test('a circle of imports would be found', () => {
  const one = (from: string, target: string): Import => ({ from, says: target, target })
  expect(circlesIn([one('a', 'b'), one('b', 'c'), one('c', 'b')])).toEqual(['b → c → b'])
})
