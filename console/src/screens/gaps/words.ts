// A comparison as people say it: why it is made, what it found, and how far it is.
import { count, counted } from '../../words/format.ts'
import type { Comparison } from './asked.ts'

export function whyWords({ kind, preview, askedBy }: Comparison): string {
  if (kind === 'lost') return 'It was not heard for too long'
  if (kind === 'overflow') return 'More changed than it could tell'
  if (preview) return `Preview of a sweep${askedBy === null ? '' : ` for ${askedBy}`}`
  return askedBy === null ? 'Sweep, to be sure' : `Sweep, because ${askedBy} asked`
}

/** What nobody had told. */
export const missedIn = ({ changed, unknown, gone }: Comparison['found']): number => changed + unknown + gone

/** "3 had changed, 2 never told". */
export const foundWords = ({ changed, unknown, gone }: Comparison['found']): string =>
  [
    changed > 0 && `${count(changed)} had changed`,
    unknown > 0 && `${count(unknown)} never told`,
    gone > 0 && `${count(gone)} gone`,
  ]
    .filter(part => part !== false)
    .join(', ')

/** How it stands, with a tone. */
export function stateOf(of: Comparison): { word: string; tone: 'good' | 'warn' | 'bad' | 'wait' | 'plain' } {
  const { state, trouble, objects, progress, found, preview, kind } = of
  if (state !== 'ended' && trouble !== null) return { word: 'Does not go on', tone: 'bad' }
  if (state === 'bringing in') return { word: 'Being brought in', tone: 'wait' }
  if (state === 'reading') {
    const done = objects.filter(object => progress[object]?.phase === 'done').length
    return { word: `Being read, ${done} of ${counted(objects.length, 'object')}`, tone: 'wait' }
  }
  const missed = missedIn(found)
  if (missed === 0) return { word: 'Nothing was missed', tone: 'good' }
  if (preview) return { word: 'Only counted', tone: 'plain' }
  // A gap is expected to miss something; a sweep is not.
  return { word: `${count(missed)} brought in`, tone: kind === 'sweep' ? 'warn' : 'good' }
}
