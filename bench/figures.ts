// Figures: rounded as far as they mean something, medians and percentiles of many.

/** The middle one; of an even number, the mean of the two in the middle. */
function median(all: readonly number[]): number {
  const sorted = [...all].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2
}

/** The smallest value that so many percent do not exceed. */
export function percentile(all: readonly number[], percent: number): number {
  const sorted = [...all].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN
}

/** Three significant digits. */
export const rounded = (value: number): number => Number(value.toPrecision(3))

type Figures = { readonly [name: string]: number | Figures }
type Sums = { [name: string]: number | Sums }

/** The median of each figure over several runs of the same measurement. */
export function medians<F extends Figures>(runs: readonly F[]): F {
  const middle = (all: readonly (number | Figures | undefined)[]): number | Sums => {
    const [first] = all
    if (typeof first !== 'object') return rounded(median(all.filter(one => typeof one === 'number')))
    const groups = all.filter(one => typeof one === 'object')
    return Object.fromEntries(Object.keys(first).map(name => [name, middle(groups.map(group => group[name]))]))
  }
  return middle(runs) as F
}
