// The pages in docs/, read by a person who does what they say: every block is run, in its order, in a fresh clone.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clone, freshClone } from './support/clone.ts'
import { blocksOf, indentedBlocks } from './support/pages.ts'
import { Reader } from './support/reader.ts'
import { filesIn } from './support/sources.ts'

const PAGES = ['README.md', ...filesIn('docs', '.md')]
/** Read in this order: what one page started, the next one looks at. */
const IN_ORDER = [
  'docs/getting-started.md',
  'docs/operate.md',
  'docs/concepts.md',
  'docs/first-workflow.md',
  'docs/connectors.md',
]

describe('the pages', () => {
  let clone: Clone
  let reader: Reader

  beforeAll(async () => {
    clone = await freshClone()
    reader = await Reader.in(clone.folder)
  })
  afterAll(async () => {
    await reader?.stop()
    await clone?.remove()
  })

  for (const page of IN_ORDER)
    test(`${page}: what it says is done from top to bottom, and is as it shows`, async () => {
      await reader.read(blocksOf(page))
    }, 180_000)
})

test('every page with blocks is read by somebody', () => {
  const withBlocks = PAGES.filter(page => blocksOf(page).length > 0)
  expect(withBlocks.sort()).toEqual(['README.md', ...IN_ORDER].sort())
})

test('a block that is not run is named with its reason: there are none', () => {
  const left = PAGES.flatMap(blocksOf).filter(block => block.notRun !== undefined)
  expect(left.map(({ at, notRun }) => `${at}: ${notRun}`)).toEqual([])
})

test('no command stands in a block that nothing runs', () => {
  expect(PAGES.flatMap(indentedBlocks)).toEqual([])
})
