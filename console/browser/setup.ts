// Once for all browser tests: looks for the browser, builds the console, starts the product.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import { findChromium } from './chromium.ts'
import { type Addresses, startProduct } from './product.ts'

declare module 'vitest' {
  interface ProvidedContext {
    addresses: Addresses
  }
}

const launcher = fileURLToPath(new URL('../../plumbline.mjs', import.meta.url))

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  findChromium()
  // A console of yesterday would be tested otherwise.
  await promisify(execFile)(process.execPath, [launcher, 'build', 'console'])
  const product = await startProduct()
  const { console, salesforce, s4 } = product
  project.provide('addresses', { console, salesforce, s4 })
  return () => product.remove()
}
