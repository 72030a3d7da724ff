// The sentence of an explanation: what the value is, because of whom, and what became of it in the other systems.
import type { Held } from './field-held.ts'
import type { Origin } from './field-origin.ts'
import { EMPTY, type FieldOwner, laterWords, momentWords } from './field-words.ts'
import { theRole } from './owner-words.ts'

type Said = {
  readonly label: string
  readonly words: string
  /** The value before it, where there was one. */
  readonly formerly: string | null
  readonly origin: Origin | null
  readonly owner: FieldOwner
  readonly held: readonly (Held & { readonly words: string })[]
  /** What the splitting of its line says of it. */
  readonly split: readonly string[]
}

/** "Quantity of line 1 is 12, because kim.sales changed it in sales on …; before it was 10. s4 was told at 10:14 and confirmed it." */
export function sentenceOf({ label, words, formerly, origin, owner, held, split }: Said): string {
  if (!origin && words !== EMPTY)
    return `${label} is ${words}: it stood in the record under an older version of its contract.`
  if (!origin) return `${label} is ${words}: nobody has given it a value yet${ownerWords(owner)}.`
  const first = origin.changedAt ?? origin.takenAt
  const before = [...(formerly === null ? [] : [`before it was ${formerly}`]), ...split]
    .map(part => `; ${part}`)
    .join('')
  const rest = held.flatMap(one =>
    one.system === origin.system && one.state === 'agrees' ? [] : heldWords(one, first),
  )
  return [`${label} is ${words}, because ${because(origin, formerly !== null)}${before}.`, ...rest].join(' ')
}

/** Of one line in a list: "kim.sales changed it in sales on …". Names stay as the systems write them, so it begins small. */
export const shortSentence = (origin: Origin | null): string =>
  origin === null ? 'nobody has given it a value yet' : because(origin, true)

const ownerWords = ({ role }: FieldOwner): string => (role === null ? '' : `; ${theRole(role)} owns it`)

function because(origin: Origin, isChange: boolean): string {
  const { how, system, by, journey, from, wish, changedAt, takenAt } = origin
  const on = `on ${momentWords(changedAt ?? takenAt)}`
  const verb = isChange ? 'changed' : 'entered'
  switch (how) {
    case 'told':
      return by === null ? `it was ${verb} in ${system} ${on}` : `${by} ${verb} it in ${system} ${on}`
    case 'answered':
      return `${system} gave it ${on}, when the record was written there`
    case 'loaded':
      return `it was so when ${system} was first read, ${on}${lastBy(origin)}`
    case 'read':
      return `it was so when the record was read in ${system}, as of ${momentWords(changedAt ?? takenAt)}${lastBy(origin)}`
    case 'born': {
      const what = from?.label ? `from ${from.title}` : from ? `as ${from.title} itself` : ''
      const why = from?.origin ? `, where ${because(from.origin, false)}` : ''
      return `${journey?.workflow} took it over ${what} ${on}${why}`
    }
    case 'granted':
      return `${by ?? 'a desk'} granted it ${on}${wish ? `, as ${wish.by ?? 'somebody'} had wished in ${wish.system}` : ''}`
    case 'taken back':
      return `what ${wish?.by ?? 'somebody'} had wished and was granted was refused ${on}${wish?.reason ? ` (${wish.reason})` : ''}`
    case 'left empty':
      return `${system} leaves it empty; what was entered elsewhere ${on} did not change that`
    case 'set':
      return journey ? `${journey.workflow} set it at "${journey.step}" ${on}` : `${by ?? 'Plumbline'} set it ${on}`
  }
}

/** Who last changed the record is all that a whole reading tells. */
const lastBy = ({ by, isSure }: Origin): string =>
  by === null || isSure ? '' : ` (${by} was the last to change the record there)`

function heldWords(held: Held & { readonly words: string }, first: Date): string[] {
  const { system, state, words, reason, toldAt, confirmedAt } = held
  const why = reason === null ? '' : `: ${reason}`
  switch (state) {
    case 'agrees':
      return toldAt === null
        ? [`${system} has the same.`]
        : [`${system} was told ${laterWords(toldAt, first)}${confirmedAt === null ? '' : ' and confirmed it'}.`]
    case 'own form':
      return [`${system} keeps it as "${words}".`]
    case 'on its way':
      return [`${system} is still to be told${why}.`]
    case 'waiting':
      return [`${system} cannot be told yet${why}.`]
    case 'parked':
      return [`${system} refused it${why}.`]
    case 'differs':
      return [`${system} has ${words} instead.`]
    case 'gone':
      return [`It is gone from ${system}.`]
    default:
      return []
  }
}
