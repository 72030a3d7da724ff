// Which side did what: each moment of a story stands in the lane of whoever acted, and a move from one to another is an arrow.
import type { Moment, Story } from '../../api/types.ts'

const COURSE: readonly Moment['kind'][] = ['journey', 'checkpoint', 'task', 'wait', 'step']
/** What a system did, or was asked to do. A record's change may have come from a workflow. */
const EXCHANGE: readonly Moment['kind'][] = ['heard', 'delivery']

/** `null` is Plumbline itself. */
export type Lane = { readonly system: string | null; readonly name: string; readonly role: string }

const HUB: Lane = { system: null, name: 'Plumbline', role: 'hub' }

/** Salesforce at the left, Plumbline between, what it writes to at the right: as people draw it. */
export function lanesOf(story: Story, roles: ReadonlyMap<string, string>): Lane[] {
  const there = new Set([
    ...story.journeys.flatMap(line => line.systems),
    ...story.records.flatMap(record => record.systems.map(one => one.system)),
    ...story.timeline.flatMap(moment => (moment.system && EXCHANGE.includes(moment.kind) ? [moment.system] : [])),
  ])
  const lanes = [...there].sort().map(system => ({ system, name: system, role: roles.get(system) ?? 'erp' }))
  return [...lanes.filter(lane => lane.role === 'crm'), HUB, ...lanes.filter(lane => lane.role !== 'crm')]
}

export type Placed = { readonly from: number; readonly to: number }

/** What is heard comes from a system, what is delivered goes to one; everything else is our own. */
export function placeOf({ kind, system }: Moment, lanes: readonly Lane[]): Placed {
  const hub = lanes.findIndex(lane => lane.system === null)
  const other = lanes.findIndex(lane => lane.system !== null && lane.system === system)
  if (other < 0) return { from: hub, to: hub }
  if (kind === 'heard') return { from: other, to: hub }
  if (kind === 'delivery') return { from: hub, to: other }
  return { from: hub, to: hub }
}

export const SHOWN = {
  all: 'Everything',
  course: 'What the business decided',
  exchange: 'What systems told and took',
} as const
export type Shown = keyof typeof SHOWN

export function isShown(moment: Moment, shown: Shown, ref: string | undefined): boolean {
  if (ref !== undefined && moment.ref !== ref) return false
  if (shown === 'course') return COURSE.includes(moment.kind)
  return shown === 'all' || EXCHANGE.includes(moment.kind)
}

/** Nothing happened for so long that it is worth a line. */
const SILENCE_MS = 60_000

/** How long nothing happened before a moment, when that is worth saying. */
export function silenceBefore(moment: Moment, before: Moment | undefined): number | undefined {
  if (!before) return undefined
  const ms = new Date(moment.at).getTime() - new Date(before.at).getTime()
  return ms >= SILENCE_MS ? ms : undefined
}

/** How a write ended, as a sign beside its words. */
export function endOf({ kind, facts }: Moment): 'good' | 'bad' | 'doubt' | 'under way' | undefined {
  if (kind !== 'delivery') return undefined
  if (facts.end === 'written') return 'good'
  if (facts.end === 'refused') return 'bad'
  return facts.end === null || facts.end === undefined ? 'under way' : 'doubt'
}
