// The lanes of a story: who did what.
import { describe, expect, test } from 'vitest'
import type { Moment, Story } from '../src/api/types.ts'
import { isShown, lanesOf, placeOf, silenceBefore } from '../src/screens/story/lanes.ts'

const moment = (kind: Moment['kind'], more: Partial<Moment> = {}): Moment => ({
  at: '2026-11-22T08:00:00.000Z',
  kind,
  sentence: '',
  facts: {},
  ...more,
})
const story = (timeline: readonly Moment[]): Story => ({
  asked: '1',
  title: 'Order 1',
  journeys: [],
  records: [],
  timeline,
  shortened: false,
})
const roles = new Map([
  ['salesforce', 'crm'],
  ['s4', 'erp'],
])
const lanes = lanesOf(story([moment('heard', { system: 's4' }), moment('heard', { system: 'salesforce' })]), roles)

describe('The lanes', () => {
  test('stand as people draw them: Salesforce, Plumbline, the ERP', () => {
    expect(lanes.map(lane => lane.name)).toEqual(['salesforce', 'Plumbline', 's4'])
  })

  test('what a system told comes from its lane; a write goes to it', () => {
    expect(placeOf(moment('heard', { system: 'salesforce' }), lanes)).toEqual({ from: 0, to: 1 })
    expect(placeOf(moment('delivery', { system: 's4' }), lanes)).toEqual({ from: 1, to: 2 })
  })

  test('what Plumbline does by itself stays in its own', () => {
    expect(placeOf(moment('record', { system: 's4' }), lanes)).toEqual({ from: 1, to: 1 })
    expect(placeOf(moment('step'), lanes)).toEqual({ from: 1, to: 1 })
  })
})

describe('What is shown', () => {
  test('of one record is what it took part in', () => {
    expect(isShown(moment('heard', { ref: 'order-1' }), 'all', 'order-1')).toBe(true)
    expect(isShown(moment('heard', { ref: 'quote-1' }), 'all', 'order-1')).toBe(false)
  })

  test('of the exchange is what was told and what was written', () => {
    const kinds = (['heard', 'record', 'delivery', 'step', 'task'] as const).filter(kind =>
      isShown(moment(kind), 'exchange', undefined),
    )
    expect(kinds).toEqual(['heard', 'delivery'])
  })
})

test('a silence is told when it was long', () => {
  const later = (ms: number): Moment =>
    moment('step', { at: new Date(Date.parse('2026-11-22T08:00:00Z') + ms).toISOString() })
  expect(silenceBefore(later(2_000), moment('step'))).toBeUndefined()
  expect(silenceBefore(later(120_000), moment('step'))).toBe(120_000)
  expect(silenceBefore(later(120_000), undefined)).toBeUndefined()
})
