// What a retry releases, in sentences; none when nothing is held back.
import type { Released } from '../api/types.ts'
import { counted } from '../words/format.ts'

export function sentencesOf({ journeys, deliveries, changes, feeds, lanes }: Omit<Released, 'dryRun'>): string[] {
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
