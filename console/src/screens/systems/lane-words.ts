// How a lane is, in a word.
import type { Tone } from '../../parts/badge.tsx'
import type { IconName } from '../../parts/icons.tsx'
import type { Lane } from './asked.ts'

export type LaneState = { readonly word: string; readonly tone: Tone; readonly icon: IconName; readonly says: string }

export function stateOf(lane: Lane | undefined): LaneState {
  if (!lane)
    return { word: 'Not yet known', tone: 'plain', icon: 'question', says: 'The engine has not run with it yet.' }
  if (lane.paused) return { word: 'Paused', tone: 'warn', icon: 'pause', says: 'A person holds all calls back.' }
  if (lane.breaker.state === 'open')
    return { word: 'Not answering', tone: 'bad', icon: 'warning', says: 'Calls are held back until it answers again.' }
  if (lane.feed.reason)
    return {
      word: 'In trouble',
      tone: 'bad',
      icon: 'warning',
      says: 'It could not be read when it was last asked; it is tried again.',
    }
  if (lane.queue > 0)
    return { word: 'Working', tone: 'wait', icon: 'play', says: 'Calls go through, some wait for their turn.' }
  return { word: 'Well', tone: 'good', icon: 'check', says: 'Calls go through, nothing waits.' }
}
