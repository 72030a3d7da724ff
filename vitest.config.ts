// Tests run from the sources of all workspaces, against one real PostgreSQL per run (test/support).
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { missingTryton } from './sandbox/tryton/src/packages.ts'

/** Minutes rather than seconds, and the network: only where they are asked for, as `.ci/run` does. */
const slow = process.env.PLUMBLINE_SLOW_TESTS
  ? []
  : [
      'test/pack.test.ts',
      'sandbox/salesforce/cli-suite/**',
      'engine/test/sf-cli.test.ts',
      'connectors/tryton/test/real/conformance.test.ts',
    ]

/** The tests that need a real Tryton. `.ci/run` names them too. */
const trytonTests = [
  'sandbox/tryton/**',
  'connectors/tryton/test/real/**',
  'engine/test/tryton*.test.ts',
  'chaos/tryton/**',
  'cli/test/start-tryton.test.ts',
]

/** Where Tryton is not installed; test/support/global-setup.ts says so. A suite that is asked for fails without it. */
const withoutTryton = missingTryton() && !process.env.PLUMBLINE_SLOW_TESTS ? trytonTests : []

// Vite's own, with the one that leads to our sources.
const conditions = ['plumbline-source', 'module', 'node', 'development|production']

/** Those that take a minute or more begin first, so that none of them runs alone at the end. */
const long = ['chaos/chaos.test.ts', 'test/pages.test.ts', 'engine/test/gone.test.ts', 'engine/test/gap.test.ts']
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean => long.some(path => moduleId.endsWith(path))
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter(file => !isLong(file))]
  }
}

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      '{sdk,conformance,engine,console,cli,test,chaos,bench}/**/*.test.ts',
      '{connectors,sandbox,examples}/*/**/*.test.ts',
    ],
    // Those in a real browser have their own configuration, and one product for all of them.
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.browser.test.ts', ...slow, ...withoutTryton],
    globalSetup: ['test/support/global-setup.ts'],
    execArgv: ['--conditions=plumbline-source', '--disable-warning=ExperimentalWarning'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
  },
})
