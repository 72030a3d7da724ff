// The connector does what the engine relies on: the short form, and with PLUMBLINE_SLOW_TESTS all of it.
import { prove } from '@plumbline/conformance'
import { expect, test } from 'vitest'
import { subject, withSeveralCurrencies } from './conformance.ts'

test.each([
  { org: 'one currency', subject, short: !process.env.PLUMBLINE_SLOW_TESTS },
  { org: 'several currencies', subject: withSeveralCurrencies, short: true },
])(
  'with $org all that the engine relies on holds, or is named as absent',
  async ({ subject, short }) => {
    const { results } = await prove(subject, { short })
    expect(results.filter(({ result }) => result === 'failed')).toEqual([])
    expect(results.filter(({ result }) => result === 'proved').length).toBeGreaterThan(25)
  },
  300_000,
)
