// The kit itself: it passes what is good, names what is broken, and is silent about nothing.

import { json, type PointName, prove, type Report, type Subject } from '@plumbline/conformance'
import { beforeAll, describe, expect, test } from 'vitest'
import { filesIn, foldersIn, read } from '../../test/support/sources.ts'
import { points } from '../src/points/index.ts'
import { bugs } from './bugs.ts'
import { documentedSubject } from './documented.ts'

let good: Subject
beforeAll(async () => {
  good = await documentedSubject()
})

const failed = ({ results }: Report) => results.filter(({ result }) => result === 'failed')
const left: readonly PointName[] = ['limit-pace', 'limit-longest-call', 'list-pages', 'value-days']
const quick = points.map(({ point }) => point).filter(point => !left.includes(point))
/** What must stay well beside the bug: all of it where time is given, as `.ci/run` does. */
const beside: readonly PointName[] = process.env.PLUMBLINE_SLOW_TESTS
  ? quick
  : ['create-once', 'change', 'end-refused', 'feed-tells', 'value-texts', 'read-whole']

test('the documented connector passes, and what it lacks is named with the reason', async () => {
  const report = await prove(good, { only: [...quick, 'list-pages'] })
  expect(failed(report)).toEqual([])
  const absent = report.results.filter(({ result }) => result === 'absent')
  expect(absent.map(({ point, words }) => [point, words])).toEqual([
    ['create-found', 'The store knows our key itself, so nothing has to be looked for'],
    ['end-session-expired', 'The API key does not run out'],
    ['flag-prices', 'The store is asked for no prices'],
    ['value-instants', 'A part tells no time of its own'],
  ])
})

// Side by side: much of it is waiting for what a broken feed never tells.
describe.concurrent('a planted bug is named by its point, and by no other', () => {
  test.each(bugs)(
    '$bug',
    async ({ plant, fails }) => {
      const only = [...beside, ...fails]
      const report = await prove({ ...good, connector: plant(good.connector) }, { only })
      expect(failed(report).map(({ point, words }) => [point, words])).toEqual(
        points
          .filter(({ point }) => fails.includes(point))
          .map(({ point }) => [point, expect.stringMatching(/\w+ \w+ \w+/)]),
      )
    },
    180_000,
  )
})

test('what is absent and has no reason fails, and so does what is named as absent and is there', async () => {
  const { 'flag-prices': _, ...lacks } = good.lacks ?? {}
  const report = await prove(
    { ...good, lacks: { ...lacks, change: 'Parts never change' } },
    { only: ['change', 'flag-prices'] },
  )
  expect(failed(report)).toMatchObject([
    { point: 'change', words: expect.stringContaining('"Parts never change"') },
    { point: 'flag-prices', words: expect.stringContaining("lacks: { 'flag-prices': '…' }") },
  ])
})

test('a machine gets one line: what was proved, what failed, what is absent and why', async () => {
  const report = await prove(good, { only: ['create-once', 'flag-prices', 'limit-longest-call'], short: true })
  expect(JSON.parse(json(report))).toEqual({
    connector: 'parts',
    passed: 1,
    failed: 0,
    absent: [{ point: 'flag-prices', because: 'The store is asked for no prices' }],
    notTried: 1,
  })
})

test('every connector of ours is tried', () => {
  const tried = filesIn('connectors', 'test/conformance.ts').map(path => path.split('/')[1])
  expect(tried).toEqual(foldersIn('connectors'))
})

test('the page has every point with its promise', () => {
  const table = read('docs/connectors.md').split('## What is tried')[1]?.split('\n## ')[0] ?? ''
  const told = [...table.matchAll(/^\| `([\w-]+)` *\| (.*?) *\|$/gm)].map(([, point, says]) => `${point}: ${says}`)
  expect(told).toEqual(points.map(({ point, says }) => `${point}: ${says}`))
})
