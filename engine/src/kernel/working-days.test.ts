// When what counts working days is due: by example, and by what holds in every zone whenever its clocks change.
import type { Calendar, DateOnly } from '@plumbline/sdk'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dayIn, workingDaysAfter } from './working-days.ts'

const due = (from: string, days: number, calendar?: Calendar): string =>
  new Date(workingDaysAfter(Date.parse(from), days, calendar)).toISOString()

test.each<[string, string, number, Calendar | undefined, string]>([
  ['the next day at the same time', '2026-11-24T10:15:30.250Z', 1, undefined, '2026-11-25T10:15:30.250Z'],
  ['over a weekend', '2026-11-27T16:00:00Z', 2, undefined, '2026-12-01T16:00:00.000Z'],
  ['from a Saturday on, as from the start of Monday', '2026-11-21T16:00:00Z', 1, undefined, '2026-11-24T00:00:00.000Z'],
  [
    'by the day of the zone, where it is Monday already',
    '2026-11-22T15:30:00Z',
    1,
    { zone: 'Asia/Tokyo' },
    '2026-11-23T15:30:00.000Z',
  ],
  [
    'over Thanksgiving and a weekend',
    '2026-11-25T20:00:00Z',
    2,
    { zone: 'America/New_York', holidays: ['2026-11-26'] },
    '2026-11-30T20:00:00.000Z',
  ],
  [
    'over Christmas, where its days are the weekend',
    '2026-12-24T09:00:00Z',
    1,
    { zone: 'Europe/Berlin', holidays: ['2026-12-25', '2026-12-26'] },
    '2026-12-28T09:00:00.000Z',
  ],
  [
    'by another weekend',
    '2026-11-26T09:00:00Z',
    1,
    { zone: 'Asia/Dubai', weekend: ['friday'] },
    '2026-11-28T09:00:00.000Z',
  ],
  ['to summer time: an hour less', '2026-03-27T16:00:00Z', 1, { zone: 'Europe/Berlin' }, '2026-03-30T15:00:00.000Z'],
  ['to winter time: an hour more', '2026-10-23T16:00:00Z', 1, { zone: 'Europe/Berlin' }, '2026-10-26T17:00:00.000Z'],
  [
    'to a time that the clocks skip: when they do',
    '2026-03-28T01:30:00Z',
    1,
    { zone: 'Europe/Berlin', weekend: [] },
    '2026-03-29T01:00:00.000Z',
  ],
  [
    'to a time that the clocks show twice: the first',
    '2026-10-24T00:30:00Z',
    1,
    { zone: 'Europe/Berlin', weekend: [] },
    '2026-10-25T00:30:00.000Z',
  ],
  [
    'from the second time that the clocks show a time: as from the first',
    '2026-10-25T01:30:00Z',
    1,
    { zone: 'Europe/Berlin', weekend: [] },
    '2026-10-26T01:30:00.000Z',
  ],
  [
    'to a day without a midnight: when it starts',
    '2026-04-22T12:00:00Z',
    1,
    { zone: 'Africa/Cairo', weekend: ['wednesday'] },
    '2026-04-23T22:00:00.000Z',
  ],
])('%s', (_, from, days, calendar, expected) => {
  expect(due(from, days, calendar)).toBe(expected)
})

test('a calendar on which nobody ever works is an error, not an endless search', () => {
  const weekend = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
  expect(() => due('2026-11-24T10:00:00Z', 1, { zone: 'Europe/Berlin', weekend })).toThrow(
    'After 2026-11-24 the calendar of Europe/Berlin has no working day for a year',
  )
})

// ---- what holds everywhere

const zones = [
  ...['UTC', 'Europe/London', 'Europe/Berlin', 'Europe/Istanbul', 'Africa/Cairo', 'Africa/Casablanca', 'Africa/Lagos'],
  ...['Asia/Dubai', 'Asia/Kolkata', 'Asia/Kathmandu', 'Asia/Tokyo', 'Asia/Beirut', 'Asia/Gaza', 'Australia/Lord_Howe'],
  ...['Australia/Sydney', 'Pacific/Auckland', 'Pacific/Chatham', 'Pacific/Kiritimati', 'Pacific/Pago_Pago'],
  ...['America/New_York', 'America/St_Johns', 'America/Sao_Paulo', 'America/Santiago', 'America/Havana'],
]
const dayMs = 86_400_000
const [first, last] = [Date.parse('2025-01-01T00:00:00Z'), Date.parse('2030-01-01T00:00:00Z')]
const named = (moment: number): DateOnly => new Date(moment).toISOString().slice(0, 10) as DateOnly

const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
/** Holidays in a row, at several places. */
const holidays = fc
  .array(fc.record({ start: fc.integer({ min: first, max: last }), many: fc.integer({ min: 1, max: 9 }) }), {
    maxLength: 12,
  })
  .map(rows => rows.flatMap(({ start, many }) => Array.from({ length: many }, (_, i) => named(start + i * dayMs))))
const calendars: fc.Arbitrary<Calendar> = fc.record(
  { zone: fc.constantFrom(...zones), weekend: fc.subarray([...days], { maxLength: 6 }), holidays },
  { requiredKeys: ['zone'] },
)

/** All moments at which the clocks of a zone change, to the minute. */
function turnsOf(zone: string): number[] {
  const ahead = (moment: number): number => Date.parse(`${shown(zone, moment)}Z`) - moment
  const turns: number[] = []
  for (let day = first; day < last; day += dayMs) {
    if (ahead(day) === ahead(day + dayMs)) continue
    let [before, after] = [day, day + dayMs]
    while (after - before > 60_000) {
      const middle = before + Math.floor((after - before) / 120_000) * 60_000
      if (ahead(middle) === ahead(day)) before = middle
      else after = middle
    }
    turns.push(after)
  }
  return turns
}
/** What the clocks of a zone show; said by the platform in another way than the code says it. */
const clocks = new Map<string, Intl.DateTimeFormat>()
function shown(zone: string, moment: number): string {
  const clock =
    clocks.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
  clocks.set(zone, clock)
  return clock.format(moment).replace(' ', 'T')
}
const turns = new Map(zones.map(zone => [zone, turnsOf(zone)]))

/** Any moment, and as often one some days and minutes before the clocks change. */
const begun = calendars.chain(calendar => {
  const near = turns.get(calendar.zone) ?? []
  const anywhere = fc.integer({ min: first, max: last })
  const before = fc
    .tuple(
      fc.constantFrom(...(near.length > 0 ? near : [first])),
      fc.integer({ min: -5, max: 1 }),
      fc.integer({ min: -120, max: 120 }),
    )
    .map(([turn, day, minute]) => turn + day * dayMs + minute * 60_000)
  return fc.record({
    calendar: fc.constant(calendar),
    from: fc.oneof(anywhere, before),
    count: fc.integer({ min: 1, max: 30 }),
  })
})

const isWorked = ({ weekend = ['saturday', 'sunday'], holidays = [] }: Calendar, day: string): boolean => {
  const name = new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: 'UTC' }).format(Date.parse(day)).toLowerCase()
  return !weekend.some(one => one === name) && !holidays.some(one => one === day)
}

test('zones whose clocks change are among them, in both directions', () => {
  expect(zones).toHaveLength(24)
  expect(turns.get('Europe/Berlin')).toHaveLength(10)
  expect(turns.get('Australia/Lord_Howe')?.length).toBeGreaterThan(8)
})

test('it is due on the working day that so many working days reach, at the time of day at which it began', () => {
  fc.assert(
    fc.property(begun, ({ calendar, from, count }) => {
      const moment = workingDaysAfter(from, count, calendar)
      const [began, ends] = [dayIn(calendar.zone, from), dayIn(calendar.zone, moment)]
      const between: string[] = []
      for (let day = Date.parse(began) + dayMs; named(day) <= ends; day += dayMs) between.push(named(day))
      const worked = between.filter(day => isWorked(calendar, day))
      expect(worked.at(-1)).toBe(ends)
      expect(worked).toHaveLength(count + (isWorked(calendar, began) ? 0 : 1))

      const time = isWorked(calendar, began) ? shown(calendar.zone, from).slice(11) : '00:00:00'
      if (shown(calendar.zone, moment).slice(11) === time) {
        // Of two it is the first: nothing that the clocks show in the three hours before is the same.
        const earlier = (turns.get(calendar.zone) ?? []).find(turn => turn <= moment && turn > moment - 3 * 3_600_000)
        if (earlier !== undefined)
          for (let back = 30; back <= 180; back += 30)
            expect(shown(calendar.zone, moment - back * 60_000)).not.toBe(shown(calendar.zone, moment))
      } else expect(turns.get(calendar.zone)).toContain(moment)
    }),
    { numRuns: 300 },
  )
})

test('it is never due before as many plain days have gone by on the clocks', () => {
  fc.assert(
    fc.property(begun, ({ calendar, from, count }) => {
      const plain = Date.parse(dayIn(calendar.zone, from)) + count * dayMs
      expect(Date.parse(dayIn(calendar.zone, workingDaysAfter(from, count, calendar)))).toBeGreaterThanOrEqual(plain)
    }),
  )
})

test('more days are due later, and what the clocks show later is due no earlier', () => {
  fc.assert(
    fc.property(begun, fc.integer({ min: 0, max: 3 * dayMs }), ({ calendar, from, count }, by) => {
      const moment = workingDaysAfter(from, count, calendar)
      expect(workingDaysAfter(from, count + 1, calendar)).toBeGreaterThan(moment)
      const [one, other] = [from, from + by].sort((a, b) =>
        shown(calendar.zone, a) < shown(calendar.zone, b) ? -1 : 1,
      )
      if (one === undefined || other === undefined) return
      expect(workingDaysAfter(other, count, calendar)).toBeGreaterThanOrEqual(workingDaysAfter(one, count, calendar))
    }),
    { numRuns: 500 },
  )
})

test('one holiday more never makes it due earlier', () => {
  fc.assert(
    fc.property(begun, fc.integer({ min: 0, max: 20 }), ({ calendar, from, count }, ahead) => {
      const holiday = named(Date.parse(dayIn(calendar.zone, from)) + ahead * dayMs)
      const more = { ...calendar, holidays: [...(calendar.holidays ?? []), holiday] }
      expect(workingDaysAfter(from, count, more)).toBeGreaterThanOrEqual(workingDaysAfter(from, count, calendar))
    }),
    { numRuns: 300 },
  )
})
