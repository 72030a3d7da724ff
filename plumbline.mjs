/**
 * The one entry of this repository: `node plumbline.mjs <command>`, also behind every npm script. Installs what the
 * lock file says when that is not there yet, then runs the command in the pinned Node. Needs nothing but Node 20.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { findRuntime, runInOurPlace, SOURCE_FLAGS } from './cli/bin/runtime.mjs'

const root = dirname(fileURLToPath(import.meta.url))
const at = (...path) => join(root, ...path)
const say = line => process.stderr.write(`${line}\n`)

const HELP = `Plumbline keeps Salesforce and the ERPs behind it true to each other.

  node plumbline.mjs <command> [arguments]        (or: npm run <command> -- [arguments])

  start        start everything: database, engine, sandboxes, console
  plumb        the operator's command line (plumb --help)
  test         run the tests                         [file or name …]
  verify       every gate before a commit           [lint types tests unused]
  format       format and fix what can be fixed
  build        build the packages for publishing       [package …]
  chaos        break things on purpose and check that nothing is lost
  soak         edit at random in three systems, and check who owns what
  bench        measure
  conformance  prove a connector against a live system

The first command installs what package-lock.json names (about 30 s).`

const COMMANDS = {
  start: args => source('cli/src/main.ts', ['start', ...args]),
  plumb: args => source('cli/src/main.ts', args),
  chaos: args => source('chaos/run.ts', args),
  soak: args => source('chaos/soak/run.ts', args),
  bench: args => source('bench/run.ts', args),
  conformance: args => source('conformance/src/main.ts', args),
  test: args => tool('vitest', ['run', ...args]),
  format: args => tool('biome', ['check', '--write', ...(args.length > 0 ? args : ['.'])]),
  verify,
  build,
}

const TOOLS = {
  biome: 'node_modules/@biomejs/biome/bin/biome',
  tsc: 'node_modules/typescript/bin/tsc',
  vitest: 'node_modules/vitest/vitest.mjs',
  knip: 'node_modules/knip/bin/knip.js',
  vite: 'node_modules/vite/bin/vite.js',
}

process.exitCode = await main(process.argv.slice(2))

async function main([name, ...args]) {
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    console.log(HELP)
    return 0
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!command) {
    say(`There is no command "${name}".\n\n${HELP}`)
    return 2
  }
  if (Number.parseInt(process.versions.node, 10) < 20) {
    say(
      `Plumbline installs with Node 20 or newer; this is ${process.versions.node}. Install Node 24 from https://nodejs.org.`,
    )
    return 1
  }
  if (!(await installed())) return 1
  return command(args)
}

// ---- running

/** In the caller's folder: the arguments may be paths. */
function source(file, args) {
  return inRuntime([...SOURCE_FLAGS, at(file), ...args])
}

function tool(name, args) {
  // Some tools start processes of their own, which learn of the sources this way only.
  const NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} ${SOURCE_FLAGS[0]}`.trim()
  return inRuntime([at(TOOLS[name]), ...args], { cwd: root, env: { NODE_OPTIONS } })
}

function inRuntime(args, options) {
  const runtime = findRuntime(import.meta.url)
  if ('node' in runtime) return runInOurPlace(runtime.node, args, options)
  say(runtime.problem)
  return 1
}

/** Every gate, or those named; the first that fails ends it. */
async function verify(args) {
  const gates = {
    lint: [['biome', ['ci', '.']]],
    // What runs in Node, and what runs in a browser.
    types: ['tsconfig.json', 'console/tsconfig.json'].map(project => ['tsc', ['--noEmit', '-p', project]]),
    tests: [['vitest', ['run']]],
    unused: [['knip', []]],
  }
  const unknown = args.filter(arg => !Object.hasOwn(gates, arg))
  if (unknown.length > 0) {
    say(`There is no gate ${unknown.join(', ')}. There are: ${Object.keys(gates).join(', ')}.`)
    return 2
  }
  const summary = []
  for (const gate of args.length > 0 ? args : Object.keys(gates)) {
    const started = Date.now()
    let code = 0
    for (const run of gates[gate]) code ||= await tool(...run)
    summary.push(`  ${code === 0 ? 'ok    ' : 'FAILED'} ${gate.padEnd(8)} ${seconds(started)}`)
    if (code === 0) continue
    say(`\n${summary.join('\n')}`)
    return code
  }
  say(`\n${summary.join('\n')}`)
  return 0
}

/** All packages, or those named by folder or name with what they depend on. */
async function build(args) {
  const all = inDependencyOrder(workspaces())
  const unknown = args.filter(arg => !all.some(one => isMeant(one, [arg])))
  if (unknown.length > 0) {
    say(`There is no package ${unknown.join(', ')}. There are: ${all.map(one => one.name).join(', ')}.`)
    return 2
  }
  const named = args.length > 0 ? all.filter(one => isMeant(one, args)) : all
  const wanted = inDependencyOrder(named, all)
  for (const { name, folder } of wanted) {
    const project = join(folder, 'tsconfig.build.json')
    // What runs in a browser is bundled.
    if (existsSync(at(folder, 'vite.config.ts'))) {
      say(`Building ${name}`)
      const code = await tool('vite', ['build', folder, '--logLevel', 'warn'])
      if (code !== 0) return code
    }
    if (!existsSync(at(project))) continue
    say(`Building ${name}`)
    rmSync(at(folder, 'dist'), { recursive: true, force: true })
    const code = await tool('tsc', ['-p', project])
    if (code !== 0) return code
    // What is no TypeScript and is read beside the code that reads it: migrations.
    if (existsSync(at(folder, 'src'))) {
      cpSync(at(folder, 'src'), at(folder, 'dist'), { recursive: true, filter: path => !path.endsWith('.ts') })
    }
  }
  return 0
}

function isMeant({ name, folder }, args) {
  return args.some(arg => arg === name || arg === folder)
}

function workspaces() {
  const folders = json('package.json').workspaces.flatMap(pattern => {
    if (!pattern.endsWith('/*')) return [pattern]
    const parent = pattern.slice(0, -2)
    return existsSync(at(parent)) ? readdirSync(at(parent)).map(name => `${parent}/${name}`) : []
  })
  return folders
    .filter(folder => existsSync(at(folder, 'package.json')))
    .map(folder => ({ folder, ...json(join(folder, 'package.json')) }))
}

function inDependencyOrder(packages, among = packages) {
  const ordered = new Set()
  const visit = one => {
    if (ordered.has(one)) return
    for (const other of among) {
      if (other !== one && one.dependencies?.[other.name]) visit(other)
    }
    ordered.add(one)
  }
  packages.forEach(visit)
  return [...ordered]
}

function json(path) {
  return JSON.parse(readFileSync(at(path), 'utf8'))
}

function seconds(started) {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`
}

// ---- installing

async function installed() {
  if (upToDate()) return true
  const held = await lock()
  try {
    // Another process may have installed while we waited.
    return upToDate() || (await install(held))
  } finally {
    held.release()
  }
}

/** What the lock file names is in place, as our stamp says or, after somebody's own npm install, npm's own record. */
function upToDate() {
  const stamp = at('node_modules', '.plumbline-stamp')
  const wanted = stampText()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return true
  if (!asLocked()) return false
  writeFileSync(stamp, wanted)
  return true
}

function stampText() {
  const lockFile = createHash('sha256')
    .update(readFileSync(at('package-lock.json')))
    .digest('hex')
  return `${lockFile} ${process.platform}-${process.arch}\n`
}

function asLocked() {
  if (!existsSync(at('node_modules', '.package-lock.json'))) return false
  const there = json('node_modules/.package-lock.json').packages
  return Object.entries(json('package-lock.json').packages).every(([path, wanted]) => {
    if (!path.includes('node_modules/') || !meantForUs(wanted)) return true
    const found = there[path]
    return found?.version === wanted.version && found?.integrity === wanted.integrity && existsSync(at(path))
  })
}

/**
 * Lock files name the packages of every platform. One that is optional and does not name ours is absent for a reason
 * that only npm knows (it belongs to another platform's package, or to another C library), and is no loss.
 */
function meantForUs({ os, cpu, libc, optional }) {
  const allows = (list, mine) => !list || (list.includes(mine) && !list.includes(`!${mine}`))
  if (optional && (libc || !os)) return false
  return allows(os, process.platform) && allows(cpu, process.arch)
}

async function install({ alsoHeldBy }) {
  const started = Date.now()
  say('Installing (once; takes about 30 s) …')
  const { code, said } = await npm(
    [
      'ci',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      // Whatever a person's npmrc or NODE_ENV says: the tools and the pinned Node are among these.
      '--include=dev',
      '--include=optional',
      // The workspaces want a newer Node than the one npm may run in; they get the pinned one.
      '--no-engine-strict',
    ],
    alsoHeldBy,
  )
  if (code !== 0) {
    // npm says what is wrong first and repeats its manual after that.
    const errors = said.split('\n').filter(line => /^npm (ERR!|error) \S/.test(line))
    say((errors.length > 0 ? errors : said.trimEnd().split('\n')).slice(0, 12).join('\n'))
    say(`\nInstalling failed after ${seconds(started)}: npm ended with code ${code}; what it said is above.`)
    say('Check the connection to the npm registry and the free space, then run the same command again.')
    return false
  }
  writeFileSync(at('node_modules', '.plumbline-stamp'), stampText())
  say(`Installed in ${seconds(started)}`)
  return true
}

function npm(args, started) {
  const script = npmScript()
  const options = { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true }
  const child = script
    ? spawn(process.execPath, [script, ...args], options)
    : spawn('npm', args, { ...options, shell: process.platform === 'win32' })
  if (child.pid) started(child.pid)
  return new Promise(resolve => {
    let said = ''
    child.stdout.on('data', chunk => {
      said += chunk
    })
    child.stderr.on('data', chunk => {
      said += chunk
    })
    child.once('error', error => resolve({ code: 1, said: `${said}npm cannot be run: ${error.message}` }))
    child.once('close', (code, signal) => resolve({ code: code ?? signal, said }))
  })
}

/** The npm that called us, unless that was another package manager. */
function npmScript() {
  const caller = process.env.npm_execpath
  if (!caller || !/^np[mx]-cli\.[cm]?js$/.test(basename(caller))) return undefined
  const script = join(dirname(caller), basename(caller).replace('npx', 'npm'))
  return existsSync(script) ? script : undefined
}

/** One installer at a time. Outside node_modules, which npm ci removes. */
async function lock() {
  const folder = at('.plumbline', 'install.lock')
  mkdirSync(at('.plumbline'), { recursive: true })
  for (let told = false; ; ) {
    try {
      mkdirSync(folder)
      return hold(folder)
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (abandoned(folder)) removeAbandoned(folder)
    else {
      if (!told) say(`Another command is installing; waiting for it (${folder}) …`)
      told = true
      await sleep(300)
    }
  }
}

/** The holders are named in the lock: we, and npm, which goes on when we are killed. */
function hold(folder) {
  const holders = join(folder, 'pids')
  writeFileSync(holders, `${process.pid}`)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  let npmPid
  const stop = signal => {
    for (const one of signals) process.off(one, stop)
    try {
      if (npmPid) process.kill(npmPid, signal)
    } catch {
      // It has ended already.
    }
    // The lock stays: it is abandoned as soon as npm has ended too.
    process.kill(process.pid, signal)
  }
  for (const one of signals) process.on(one, stop)
  return {
    alsoHeldBy: pid => {
      npmPid = pid
      writeFileSync(holders, `${process.pid} ${pid}`)
    },
    release: () => {
      for (const one of signals) process.off(one, stop)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function abandoned(folder) {
  const made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs
  if (made === undefined) return false
  const ageSeconds = (Date.now() - made) / 1000
  let holders = ''
  try {
    holders = readFileSync(join(folder, 'pids'), 'utf8')
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  // Between being made and being held, a lock names nobody; after a reboot its numbers may belong to others.
  if (holders === '') return ageSeconds > 5
  return ageSeconds > 900 || !holders.split(' ').map(Number).some(alive)
}

function alive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function removeAbandoned(folder) {
  const aside = `${folder}.${process.pid}`
  try {
    // Of several who see it abandoned, one moves it.
    renameSync(folder, aside)
    rmSync(aside, { recursive: true, force: true })
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}
