// Run in a process of its own, in the zone that its environment names: every day comes back as it went out.
import { day } from '@plumbline/sdk'
import fc from 'fast-check'
import { decodeValue, encodeFields } from '../src/values.ts'

const field = day('Requested')
const dayMs = 86_400_000

/** Where the clocks change here, and the day before and after. */
const turns = Array.from({ length: 3 * 366 }, (_, n) => Date.UTC(2025, 0, 1) + n * dayMs).flatMap(at =>
  new Date(at).getTimezoneOffset() === new Date(at + dayMs).getTimezoneOffset() ? [] : [at - dayMs, at, at + dayMs],
)
const midnight = fc.oneof(
  fc.integer({ min: -25_000, max: 2_932_000 }).map(days => days * dayMs),
  fc.constantFrom(0, Date.UTC(2028, 1, 29), Date.UTC(2026, 11, 31), ...turns),
)

fc.assert(
  fc.property(midnight, at => {
    const day = new Date(at).toISOString().slice(0, 10)
    const { Requested: written } = encodeFields({ Requested: field }, { Requested: day }, 'EUR')
    // REST tells the text, an event the milliseconds.
    return written === day && [day, at].every(one => decodeValue(field, one, 'EUR') === day)
  }),
  { numRuns: 500 },
)
process.stdout.write(
  JSON.stringify({ offsets: [0, 6].map(month => new Date(2026, month, 1).getTimezoneOffset()), turns: turns.length }),
)
