// What became of an edit by somebody who does not own the field, in a word and a sign.
import { Badge, type Tone } from '../../parts/badge.tsx'
import type { IconName } from '../../parts/icons.tsx'
import { count } from '../../words/format.ts'
import { labelOf } from '../../words/label.ts'
import type { Became, Count } from './asked.ts'

const SIGNS: Readonly<Record<Became, { tone: Tone; icon: IconName; says: string }>> = {
  'put right': { tone: 'plain', icon: 'retry', says: 'The owner’s value was written over it.' },
  refused: { tone: 'plain', icon: 'stop', says: 'It was put right, and the record says that it was refused.' },
  asked: { tone: 'warn', icon: 'question', says: 'A desk is asked whether it is to be applied.' },
  granted: { tone: 'wait', icon: 'clock', says: 'A desk said yes; the owner’s system is being told.' },
  applied: { tone: 'good', icon: 'check', says: 'The owner’s system took it over.' },
  declined: { tone: 'plain', icon: 'stop', says: 'A desk said no.' },
  'refused there': { tone: 'bad', icon: 'warning', says: 'A desk said yes, and the owner’s system refused it.' },
  overtaken: { tone: 'plain', icon: 'next', says: 'The owner changed the field meanwhile.' },
  replaced: { tone: 'plain', icon: 'next', says: 'A newer wish for the same field took its place.' },
  older: { tone: 'plain', icon: 'clock', says: 'Another edit of the field was made later, and counts.' },
}

export const BecameBadge = ({ of }: { of: Became }) => (
  <Badge tone={SIGNS[of].tone} icon={SIGNS[of].icon} title={SIGNS[of].says}>
    {labelOf(of)}
  </Badge>
)

/** "12 put right, 2 asked". */
export const becameWords = (became: Count['became']): string =>
  Object.entries(became)
    .sort(([, a], [, b]) => b - a)
    .map(([what, many]) => `${count(many)} ${what}`)
    .join(', ')
