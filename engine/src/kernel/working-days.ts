// When a deadline is due: after a time, or after working days at the same time of day by the clocks of a calendar's zone. Pure.
import { type Calendar, type Deadline, isInWorkingDays, milliseconds, type Weekday, workingDays } from '@plumbline/sdk'

const dayMs = 86_400_000

/** Where no calendar is known. */
const everywhere: Calendar = { zone: 'UTC' }

/** In the order of days since the first of 1970. */
const weekdays: readonly Weekday[] = ['thursday', 'friday', 'saturday', 'sunday', 'monday', 'tuesday', 'wednesday']
export const weekendOf = ({ weekend = ['saturday', 'sunday'] }: Calendar): readonly Weekday[] => weekend

/**
 * So many working days after a moment, at its time of day. What begins on a day that is none begins when the next working day does. A
 * time that the clocks skip is the moment at which they do; of a time that they show twice it is the first.
 */
export function workingDaysAfter(from: number, days: number, calendar: Calendar = everywhere): number {
  const shown = shownAt(calendar.zone, from)
  const begun = Math.floor(shown / dayMs)
  const isWorked = isWorkedIn(calendar, begun)
  let day = isWorked ? begun : nextWorked(calendar, begun)
  for (let gone = 0; gone < days; gone++) day = nextWorked(calendar, day)
  return momentOf(calendar.zone, day * dayMs + (isWorked ? shown - begun * dayMs : 0))
}

/** The moment at which a deadline is due that begins at another. */
export const dueAfter = (deadline: Deadline, from: number, calendar: Calendar | undefined): number =>
  isInWorkingDays(deadline) ? workingDaysAfter(from, workingDays(deadline), calendar) : from + milliseconds(deadline)

/** By when a checkpoint is due. Working days were counted when its journey began; null while nobody has. */
export function checkpointDue(deadline: Deadline, startedAt: Date, counted: string | undefined): Date | null {
  if (isInWorkingDays(deadline)) return counted === undefined ? null : new Date(counted)
  return new Date(startedAt.getTime() + milliseconds(deadline))
}

/** The day that the clocks of a zone show, as `2026-11-22`. */
export const dayIn = (zone: string, moment: number): string => dayNamed(Math.floor(shownAt(zone, moment) / dayMs))
const dayNamed = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10)

const isWorkedIn = (calendar: Calendar, day: number): boolean =>
  !weekendOf(calendar).some(weekend => weekend === weekdays[day % 7]) &&
  !calendar.holidays?.some(holiday => holiday === dayNamed(day))

function nextWorked(calendar: Calendar, day: number): number {
  for (let next = day + 1; next <= day + 366; next++) if (isWorkedIn(calendar, next)) return next
  throw new Error(`After ${dayNamed(day)} the calendar of ${calendar.zone} has no working day for a year`)
}

// ---- clocks: what a zone's clocks show is counted as if they were those of UTC

const clocks = new Map<string, Intl.DateTimeFormat>()
function clockOf(timeZone: string): Intl.DateTimeFormat {
  const digits = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  } as const
  const clock = clocks.get(timeZone) ?? new Intl.DateTimeFormat('en-US', { ...digits, hourCycle: 'h23', timeZone })
  clocks.set(timeZone, clock)
  return clock
}

function shownAt(zone: string, moment: number): number {
  const parts = clockOf(zone).formatToParts(moment)
  const part = (type: string): number => Number(parts.find(one => one.type === type)?.value)
  const seconds = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return seconds + (moment % 1_000)
}

/** The first moment at which the clocks of a zone show a time, or the one at which they skip it. */
function momentOf(zone: string, shown: number): number {
  const aheadBy = (moment: number): number => shownAt(zone, moment) - moment
  const [first = shown, last = shown] = [shown - dayMs, shown + dayMs]
    .map(moment => shown - aheadBy(moment))
    .sort((a, b) => a - b)
  const exact = [first, last].find(moment => shownAt(zone, moment) === shown)
  if (exact !== undefined) return exact
  let [before, after] = [first, last]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (shownAt(zone, middle) < shown) before = middle
    else after = middle
  }
  return after
}
