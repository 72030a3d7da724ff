// A day is a day everywhere: whatever zone a process runs in, and on the days when its clocks change.
import { fileURLToPath } from 'node:url'
import { day } from '@plumbline/sdk'
import { expect, test } from 'vitest'
import { expectDaysToHoldInZones } from '../../../test/support/zones.ts'
import { decodeValue, encodeFields } from '../src/values.ts'

const inAZone = fileURLToPath(new URL('./days-in-a-zone.ts', import.meta.url))

test('24 zones: what is written and read is the same day', async () => {
  await expectDaysToHoldInZones(inAZone)
}, 120_000)

test('what is no day is refused, and never taken for another', () => {
  const field = day('Requested')
  for (const wrong of ['2026-02-30', '2026-13-01', '22.11.2026', '2026-11-22T10:30:00Z']) {
    expect(() => encodeFields({ Requested: field }, { Requested: wrong }, 'EUR')).toThrow(
      `"${wrong}", which is not a day`,
    )
    expect(() => decodeValue(field, wrong, 'EUR')).toThrow(`"${wrong}" is not a day`)
  }
  expect(decodeValue(field, null, 'EUR')).toBeNull()
})
