// Checks of calendars: that working days can be counted, and that there is no doubt by whose.
import { isDay, type Project } from '@plumbline/sdk'
import { type Finding, finding } from './finding.ts'
import { weekendOf } from './working-days.ts'

export const checkCalendars = ({ systems }: Project): Finding[] => {
  const kept = systems.flatMap(({ instance, role, calendar }) => (calendar ? { system: instance, role, calendar } : []))
  return [
    ...ofSeveralRoles(kept),
    ...kept.flatMap(({ system, calendar }) => {
      const { zone, holidays = [] } = calendar
      return [
        ...(isZone(zone)
          ? []
          : [
              finding(
                'calendar-zone',
                { system },
                `Its calendar goes by the clocks of "${zone}", which is no time zone.`,
                "Write the zone by its IANA name: 'Europe/Berlin'.",
                'calendar',
              ),
            ]),
        ...holidays
          .filter(day => !isDay(day))
          .map(day =>
            finding(
              'calendar-holiday',
              { system },
              `Its calendar has the holiday "${day}", which is no day.`,
              "Write year, month and day: '2026-12-25'.",
              'calendar',
            ),
          ),
        ...(new Set(weekendOf(calendar)).size < 7
          ? []
          : [
              finding(
                'calendar-idle',
                { system },
                'Its calendar has no working day, so what is due in working days would never be due.',
                'Leave the days on which people work out of weekend.',
                'calendar',
              ),
            ]),
      ]
    }),
  ]
}

function ofSeveralRoles(kept: readonly { readonly system: string; readonly role: string }[]): Finding[] {
  const [first, ...others] = kept
  const other = others.find(({ role }) => role !== first?.role)
  if (!first || !other) return []
  return [
    finding(
      'calendar-ambiguous',
      { role: other.role },
      `Both "${first.system}" of the role "${first.role}" and "${other.system}" of the role "${other.role}" have a calendar, and a journey counts working days by one.`,
      'Leave calendars with the role whose people do the work.',
      'calendar',
    ),
  ]
}

export function isZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }) !== undefined
  } catch {
    return false
  }
}
