// The picture of the stages and the groups of a search.
import { expect, test } from 'vitest'
import type { JourneyPage, SearchHit } from '../src/api/types.ts'
import { barsOf } from '../src/screens/journeys/stages.ts'
import { groupsOf } from '../src/shell/hits.ts'

type Counted = JourneyPage['facets']['byCheckpoint'][number]
const counted = (workflow: string, checkpoint: string | null, count: number): Counted => ({
  workflow,
  checkpoint,
  count,
  worth: [{ amount: String(count * 10), currency: 'EUR' }],
})

function page(byCheckpoint: readonly Counted[], stages: readonly string[]): Pick<JourneyPage, 'facets' | 'journeys'> {
  const checkpoints = stages.map(checkpoint => ({ checkpoint, reachedAt: null, dueAt: null }))
  const none = { done: 0, started: 0, stopped: 0 }
  return {
    facets: {
      total: 0,
      worth: [],
      byState: { ready: 0, waiting: 0, stuck: 0 },
      lastDay: none,
      late: 0,
      byCheckpoint,
      byWorkflow: [],
      bySystem: [],
      byAge: [],
      byWorth: [],
      byWait: [],
    },
    journeys: [
      {
        journey: 'j-1',
        workflow: 'sale',
        ref: 'quote-1',
        title: 'Quote 1',
        state: 'waiting',
        checkpoint: null,
        checkpoints,
        since: '2026-11-22T08:00:00Z',
        startedAt: '2026-11-22T08:00:00Z',
        endedAt: null,
        lateAt: null,
        late: false,
        worth: null,
        reason: null,
        todo: null,
        systems: [],
        waitsFor: null,
      },
    ],
  }
}

test('the stages stand in their order, those where nothing is too, and the end only when something is there', () => {
  const bars = barsOf(page([counted('sale', null, 2), counted('sale', 'Shipped', 5)], ['Booked', 'Shipped', 'Paid']))
  expect(bars.map(bar => `${bar.name} ${bar.count}`)).toEqual(['No stage yet 2', 'Booked 0', 'Shipped 5'])
})

test('the same stage of two workflows is one bar', () => {
  const [bar] = barsOf(page([counted('sale', 'Booked', 2), counted('service', 'Booked', 3)], ['Booked', 'Paid']))
  expect(bar).toMatchObject({ stage: 'Booked', count: 5 })
})

test('a search shows journeys first, then records by their kind', () => {
  const hit = (kind: SearchHit['kind'], contract: string, ref: string): SearchHit => ({
    kind,
    contract,
    ref,
    title: ref,
    number: null,
    journey: null,
    state: null,
    systems: [],
  })
  const groups = groupsOf([
    hit('record', 'invoice', 'invoice-1'),
    hit('journey', 'quote', 'quote-1'),
    hit('record', 'delivery', 'delivery-1'),
    hit('record', 'invoice', 'invoice-2'),
  ])
  expect(groups.map(group => `${group.name}: ${group.hits.map(one => one.ref).join(', ')}`)).toEqual([
    'Journeys: quote-1',
    'Invoices: invoice-1, invoice-2',
    'Deliveries: delivery-1',
  ])
})
