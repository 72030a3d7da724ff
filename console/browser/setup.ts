// Once for all browser tests: looks for the browser, and starts the product, which builds the console when that is older than its sources.
import type { TestProject } from 'vitest/node'
import { findChromium } from './chromium.ts'
import { type Addresses, startProduct } from './product.ts'

declare module 'vitest' {
  interface ProvidedContext {
    addresses: Addresses
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  findChromium()
  const product = await startProduct()
  const { console, salesforce, s4 } = product
  project.provide('addresses', { console, salesforce, s4 })
  return () => product.remove()
}
