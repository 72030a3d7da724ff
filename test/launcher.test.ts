/** The one entry, `node plumbline.mjs`, in a fresh clone: with an npm of our own making, since the real one takes a minute. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

const repository = fileURLToPath(new URL('..', import.meta.url))
let scratch: string
let clone: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'plumbline-launcher-'))
  clone = join(scratch, 'clone')
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', repository, clone])
  // What is tested is the working tree, committed or not.
  for (const path of ['plumbline.mjs', 'cli/bin', 'package.json', 'package-lock.json']) {
    await cp(join(repository, path), join(clone, path), { recursive: true })
  }
})

afterAll(() => rm(scratch, { recursive: true, force: true }))

beforeEach(async () => {
  await rm(join(clone, 'node_modules'), { recursive: true, force: true })
  await rm(join(scratch, 'npm-calls'), { force: true })
  await npmThat('process.exit(0)')
})

/** Puts an npm into place that notes its call, makes node_modules anew and then does this. */
async function npmThat(does: string): Promise<void> {
  await mkdir(join(scratch, 'bin'), { recursive: true })
  await writeFile(
    join(scratch, 'bin', 'npm-cli.js'),
    `const fs = require('node:fs')
    fs.appendFileSync(${JSON.stringify(join(scratch, 'npm-calls'))}, process.argv.slice(2).join(' ') + '\\n')
    fs.rmSync('node_modules', { recursive: true, force: true })
    fs.mkdirSync('node_modules')
    setTimeout(() => { ${does} }, 500)`,
  )
}

async function npmCalls(): Promise<string[]> {
  const text = await readFile(join(scratch, 'npm-calls'), 'utf8').catch(() => '')
  return text.split('\n').filter(line => line !== '')
}

async function aProgram(path: string, code: string): Promise<void> {
  await mkdir(join(clone, path, '..'), { recursive: true })
  await writeFile(join(clone, path), code)
}

function start(args: string[], program = join(clone, 'plumbline.mjs')): ChildProcess {
  const env = { ...process.env, npm_execpath: join(scratch, 'bin', 'npm-cli.js') }
  return spawn(process.execPath, [program, ...args], { cwd: clone, env, stdio: ['ignore', 'pipe', 'pipe'] })
}

async function end(child: ChildProcess): Promise<{ code: number; said: string; warned: string }> {
  let said = ''
  let warned = ''
  child.stdout?.on('data', chunk => {
    said += chunk
  })
  child.stderr?.on('data', chunk => {
    warned += chunk
  })
  const [code] = await once(child, 'close')
  return { code, said, warned }
}

describe('node plumbline.mjs', () => {
  test('explains itself without installing anything', async () => {
    const help = await end(start([]))
    expect(help).toMatchObject({ code: 0, warned: '' })
    expect(help.said).toContain('node plumbline.mjs <command>')
    const mistake = await end(start(['strat']))
    expect(mistake.code).toBe(2)
    expect(mistake.warned).toContain('There is no command "strat".')
    expect(await readdir(clone)).not.toContain('node_modules')
  })

  test('installs once, without install scripts, also when two commands come at the same time', async () => {
    await aProgram('bench/run.ts', 'const words: string[] = process.argv.slice(2)\nconsole.log(words.join(" "))')

    const both = await Promise.all([end(start(['bench', 'one'])), end(start(['bench', 'two']))])

    expect(both.map(({ code, said }) => [code, said])).toEqual([
      [0, 'one\n'],
      [0, 'two\n'],
    ])
    const warnings = both.map(({ warned }) => warned).join('')
    expect(warnings).toMatch(/Installing \(once; takes about 30 s\) …\n/)
    expect(warnings).toMatch(/Installed in \d+\.\d s\n/)
    expect(warnings).toContain('Another command is installing; waiting for it')
    expect(await end(start(['bench', 'three']))).toEqual({ code: 0, said: 'three\n', warned: '' })
    expect(await npmCalls()).toEqual([expect.stringMatching(/^ci --ignore-scripts .*--include=optional/)])
  })

  test('installs again when the lock file has changed', async () => {
    await aProgram('bench/run.ts', '')
    await end(start(['bench']))
    const stamp = await readFile(join(clone, 'node_modules', '.plumbline-stamp'), 'utf8')
    expect(stamp).toMatch(new RegExp(`^[0-9a-f]{64} ${process.platform}-${process.arch}\n$`))
    await writeFile(join(clone, 'node_modules', '.plumbline-stamp'), stamp.replace(/^[0-9a-f]{4}/, '----'))
    await end(start(['bench']))
    expect(await npmCalls()).toHaveLength(2)
    expect(await readFile(join(clone, 'node_modules', '.plumbline-stamp'), 'utf8')).toBe(stamp)
  })

  test('leaves an installation alone that a person made with npm', async () => {
    await aProgram('bench/run.ts', '')
    const lock: unknown = JSON.parse(await readFile(join(clone, 'package-lock.json'), 'utf8'))
    // What npm notes after an install; here everything, of all platforms.
    await mkdir(join(clone, 'node_modules'))
    await writeFile(join(clone, 'node_modules', '.package-lock.json'), JSON.stringify(lock))
    for (const path of lockedPaths(lock)) await mkdir(join(clone, path), { recursive: true })
    expect(await end(start(['bench']))).toMatchObject({ code: 0, warned: '' })
    expect(await npmCalls()).toEqual([])
  })

  test('takes over the lock of an installer that was killed', async () => {
    await aProgram('bench/run.ts', '')
    const lock = join(clone, '.plumbline', 'install.lock')
    await mkdir(lock, { recursive: true })
    const dead = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
    await once(dead, 'exit')
    await writeFile(join(lock, 'pids'), `${dead.pid}`)
    expect(await end(start(['bench']))).toMatchObject({ code: 0 })
    expect(await npmCalls()).toHaveLength(1)
    expect(await readdir(join(clone, '.plumbline'))).toEqual([])
  })

  test('says what npm said when it cannot install', async () => {
    await npmThat(`console.error('npm error 404 Not found: left-pad'); process.exit(7)`)
    const { code, said, warned } = await end(start(['bench']))
    expect({ code, said }).toEqual({ code: 1, said: '' })
    expect(warned).toContain('npm error 404 Not found: left-pad')
    expect(warned).toMatch(/Installing failed after \d+\.\d s: npm ended with code 7; what it said is above\./)
    expect(warned).toContain('then run the same command again.')
  })

  test('passes a signal on, waits for the orderly end and answers with its code', async () => {
    await aProgram(
      'bench/run.ts',
      `process.on('SIGTERM', () => setTimeout(() => { console.log('in order'); process.exit(5) }, 300))
      setInterval(() => {}, 1000)
      console.log('ready')`,
    )
    const child = start(['bench'])
    const ending = end(child)
    await new Promise<void>(resolve => child.stdout?.once('data', () => resolve()))
    child.kill('SIGTERM')
    expect(await ending).toMatchObject({ code: 5, said: 'ready\nin order\n' })
  })
})

describe('plumb', () => {
  test('runs from its sources in a checkout and as built in an installation', async () => {
    await aProgram('cli/src/main.ts', 'const how: string = "source"\nconsole.log(how, process.argv[2])')
    await aProgram('cli/dist/main.js', 'console.log("built", process.argv[2])')
    const installed = join(clone, 'node_modules', '@plumbline', 'cli')
    await cp(join(clone, 'cli'), installed, { recursive: true })

    expect(await end(start(['orders'], join(clone, 'cli', 'bin', 'plumb.mjs')))).toMatchObject({
      code: 0,
      said: 'source orders\n',
    })
    expect(await end(start(['orders'], join(installed, 'bin', 'plumb.mjs')))).toMatchObject({
      code: 0,
      said: 'built orders\n',
    })
  })
})

test('the lock file names the packages of every platform, as npm ci demands', async () => {
  const { code, said } = await end(start([], join(repository, 'test', 'lock-file.mjs')))
  expect({ code, said }).toEqual({ code: 0, said: '0 packages of other platforms are missing in package-lock.json\n' })
})

function lockedPaths(lock: unknown): string[] {
  const packages = typeof lock === 'object' && lock !== null && 'packages' in lock ? lock.packages : undefined
  return Object.keys(packages ?? {}).filter(path => path.includes('node_modules/'))
}
