/** What people read in a terminal: tables, times and amounts. */

// Who reads us (head, less) may have seen enough: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

export const line = (text = ''): void => void process.stdout.write(`${text}\n`)
export const json = (value: unknown): void => line(JSON.stringify(value))

/** Columns as wide as their widest cell; the last is not padded. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map(row => row[i]?.length ?? 0)))
  const format = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  return [heads, ...rows].map(format).join('\n')
}

/** In the reader's own time: `2026-11-22 05:23:11`. */
export const time = (at: string): string => new Date(at).toLocaleString('sv-SE')

/** `3 s ago`, `2 days ago`; in the future `in 3 s`. */
export function ago(at: string, now = Date.now()): string {
  const ms = now - Date.parse(at)
  return ms < 0 ? `in ${duration(-ms)}` : `${duration(ms)} ago`
}

export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`
  if (ms < 86_400_000) return `${Math.floor(ms / 3_600_000)} h`
  const days = Math.floor(ms / 86_400_000)
  return `${days} day${days === 1 ? '' : 's'}`
}

/** `1,234.00 EUR`: grouped, and never through a float. */
export function money({ amount, currency }: { readonly amount: string; readonly currency: string | null }): string {
  const [whole = '', cents] = amount.split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return `${grouped}${cents === undefined ? '' : `.${cents}`}${currency ? ` ${currency}` : ''}`
}

export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`
