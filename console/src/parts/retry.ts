// What a retry releases, of several put together, and in sentences.
import type { Released } from '../api/types.ts'
import { counted } from '../words/format.ts'

export type Merged = Omit<Released, 'dryRun'>

/** What several have in common is released once. */
export function merge(all: readonly Released[]): Merged {
  const once = <V>(values: readonly V[]): V[] => [
    ...new Map(values.map(value => [JSON.stringify(value), value])).values(),
  ]
  return {
    journeys: once(all.flatMap(one => one.journeys)),
    deliveries: once(all.flatMap(one => one.deliveries)),
    changes: once(all.flatMap(one => one.changes)),
    feeds: once(all.flatMap(one => one.feeds)),
    lanes: once(all.flatMap(one => one.lanes)),
  }
}

export function sentencesOf({ journeys, deliveries, changes, feeds, lanes }: Merged): string[] {
  const systems = [...new Set(deliveries.map(one => one.system))].join(' and ')
  return [
    journeys.length > 0 && `${counted(journeys.length, 'journey')} ${journeys.length === 1 ? 'goes' : 'go'} on.`,
    deliveries.length > 0 &&
      `${counted(deliveries.length, 'write')} to ${systems} ${deliveries.length === 1 ? 'is' : 'are'} sent.`,
    changes.length > 0 &&
      `${counted(changes.length, 'change')} that could not be understood ${changes.length === 1 ? 'is' : 'are'} read again.`,
    feeds.length > 0 && `The changes of ${feeds.join(' and ')} are followed again.`,
    lanes.length > 0 && `Calls to ${lanes.join(' and ')} are allowed again.`,
  ].filter(sentence => sentence !== false)
}
