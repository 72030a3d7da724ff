// Puts a system's fields beside the contract's, so that one sees what a mapping did: kept, renamed, converted, or left out.
// Nothing says which field became which, so it is told by equal values and alike names.

import { isAmount, isReference } from './known.ts'

export type Leaf = { readonly path: string; readonly value: unknown }
export type Aligned = {
  readonly kind: 'same' | 'renamed' | 'converted' | 'native' | 'canonical'
  readonly native?: Leaf
  readonly canonical?: Leaf
}
type Fields = Readonly<Record<string, unknown>>

export function align(native: Fields, canonical: Fields): Aligned[] {
  const left = leavesOf(native)
  const right = leavesOf(canonical)
  const pairs = pairsOf(left, right)
  const taken = new Set(pairs.values())
  return [
    ...left.flatMap(leaf => {
      const partner = pairs.get(leaf)
      return partner ? [{ kind: kindOf(leaf, partner), native: leaf, canonical: partner }] : []
    }),
    ...right.filter(leaf => !taken.has(leaf)).map(leaf => ({ kind: 'canonical' as const, canonical: leaf })),
    ...left.filter(leaf => !pairs.has(leaf)).map(leaf => ({ kind: 'native' as const, native: leaf })),
  ]
}

/** Every value with the way to it: `items[0].quantity`. What is empty, an amount and another record stand for themselves. */
export function leavesOf(value: unknown, path = ''): Leaf[] {
  if (path !== '' && (isAmount(value) || isReference(value))) return [{ path, value }]
  if (Array.isArray(value) && value.length > 0) return value.flatMap((one, i) => leavesOf(one, `${path}[${i}]`))
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([name, one]) => leavesOf(one, path === '' ? name : `${path}.${name}`))
  }
  return path === '' ? [] : [{ path, value }]
}

/** The likeliest pairs first; each value is in one pair. */
function pairsOf(left: readonly Leaf[], right: readonly Leaf[]): Map<Leaf, Leaf> {
  const likely = left
    .flatMap(native => right.map(canonical => ({ native, canonical, score: likeness(native, canonical) })))
    .filter(pair => pair.score >= LIKELY)
    .sort((a, b) => b.score - a.score)
  const pairs = new Map<Leaf, Leaf>()
  const taken = new Set<Leaf>()
  for (const { native, canonical } of likely) {
    if (pairs.has(native) || taken.has(canonical)) continue
    pairs.set(native, canonical)
    taken.add(canonical)
  }
  return pairs
}

const LIKELY = 2

/** An equal value says much when few things have it; `true` or `0` says little without a like name. */
function likeness(native: Leaf, canonical: Leaf): number {
  const values = !isEqual(native.value, canonical.value) ? 0 : isTelling(native.value) ? 2 : 1
  return (
    values +
    2 * nameLikeness(native.path, canonical.path) +
    (indexOf(native.path) === indexOf(canonical.path) ? 0.1 : 0)
  )
}

function nameLikeness(native: string, canonical: string): number {
  const [a, b] = [wordsOf(native), wordsOf(canonical)]
  if (a.join('') === b.join('')) return 1
  const common = a.filter(word => b.includes(word)).length
  return common / Math.max(a.length, b.length, 1)
}

/** The words of a field's own name: `Requested_Date__c` is "requested date". */
const wordsOf = (path: string): string[] =>
  (path.split('.').at(-1) ?? path)
    .replace(/\[\d+\]/g, '')
    .replace(/__[cr]$/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(word => word !== '')

const indexOf = (path: string): string => (path.match(/\[\d+\]/g) ?? []).join('')

const kindOf = (native: Leaf, canonical: Leaf): Aligned['kind'] => {
  if (!isEqual(native.value, canonical.value)) return 'converted'
  return wordsOf(native.path).join('') === wordsOf(canonical.path).join('') ? 'same' : 'renamed'
}

const isTelling = (value: unknown): boolean =>
  value !== null &&
  typeof value !== 'boolean' &&
  String(value).length > 1 &&
  !/^(true|false|0+(\.0+)?)$/i.test(String(value))

/** 10 and "10.00" are the same figure. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (isAmount(a)) return isEqual(a.amount, isAmount(b) ? b.amount : b) && (!isAmount(b) || a.currency === b.currency)
  if (isAmount(b)) return isEqual(a, b.amount)
  if (a === null || b === null || typeof a === 'object' || typeof b === 'object') return false
  const [x, y] = [String(a), String(b)]
  return x === y || (isFigure(x) && isFigure(y) && plain(x) === plain(y))
}

const isFigure = (text: string): boolean => /^-?\d+(\.\d+)?$/.test(text)
const plain = (figure: string): string => (figure.includes('.') ? figure.replace(/0+$/, '').replace(/\.$/, '') : figure)
