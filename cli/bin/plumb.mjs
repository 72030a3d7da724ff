#!/usr/bin/env node
/** `plumb`: runs the command line in the Node that Plumbline brings, from its sources in a checkout, else as built. */
import { existsSync } from 'node:fs'
import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findRuntime, runInOurPlace, SOURCE_FLAGS } from './runtime.mjs'

const runtime = findRuntime(import.meta.url)
if ('problem' in runtime) {
  console.error(runtime.problem)
  process.exit(1)
}
const source = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const built = fileURLToPath(new URL('../dist/main.js', import.meta.url))
// Node reads no TypeScript inside node_modules.
const fromSource = existsSync(source) && !source.includes(`${sep}node_modules${sep}`)
const program = fromSource ? [...SOURCE_FLAGS, source] : [built]
process.exitCode = await runInOurPlace(runtime.node, [...program, ...process.argv.slice(2)])
