// The tests of the console in a real browser: `npm test -- --config console/browser/vitest.config.ts`. They need Debian's Chromium.
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['console/browser/**/*.browser.test.ts'],
    globalSetup: ['console/browser/setup.ts'],
    execArgv: ['--conditions=plumbline-source', '--disable-warning=ExperimentalWarning'],
    // One product for all of them: what one test switches off in a sandbox, another would miss.
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 180_000,
  },
})
