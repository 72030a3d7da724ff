// The connector does what the engine relies on, of a real Tryton. That takes minutes: only with PLUMBLINE_SLOW_TESTS.
import { prove } from '@plumbline/conformance'
import { expect, test } from 'vitest'
import { subject } from '../conformance.ts'

test('all that the engine relies on holds, or is named as absent', async () => {
  const { results } = await prove(subject)
  expect(results.filter(({ result }) => result === 'failed')).toEqual([])
  expect(results.filter(({ result }) => result === 'proved').length).toBeGreaterThan(25)
}, 900_000)
