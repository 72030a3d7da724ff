// Times, amounts and counts as people read them.

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `3 min ago`, `in 2 h`; what is a month away says its date. */
export function relative(at: string | number | Date, now: number): string {
  const then = new Date(at).getTime()
  const away = Math.abs(now - then)
  if (away < 5 * SECOND) return 'just now'
  if (away >= 30 * DAY) return day(at)
  return then > now ? `in ${span(away)}` : `${span(away)} ago`
}

/** How long something took: also parts of a second. */
export function took(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`
  return ms < 10 * SECOND ? `${(Math.floor(ms / 100) / 10).toFixed(1)} s` : span(ms)
}

/** How long, in its largest unit: `45 s`, `3 min`, `2 h`, `4 days`. */
export function span(ms: number): string {
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`
  const days = Math.floor(ms / DAY)
  return days === 1 ? '1 day' : `${days} days`
}

const instants = kept(
  locale =>
    new Intl.DateTimeFormat(locale, {
      day: '2-digit',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hour12: false,
      timeZoneName: 'short',
    }),
)

/** The whole instant with its zone, as an operator notes it. */
export const absolute = (at: string | number | Date, locale?: string): string => instants(locale).format(new Date(at))

export const clock = (at: string | number | Date): string => {
  const then = new Date(at)
  const two = (part: number): string => String(part).padStart(2, '0')
  return `${two(then.getHours())}:${two(then.getMinutes())}:${two(then.getSeconds())}`
}

const days = kept(locale => new Intl.DateTimeFormat(locale, { day: '2-digit', month: 'short', year: 'numeric' }))

export const day = (at: string | number | Date, locale?: string): string => days(locale).format(new Date(at))

export type Amount = { readonly amount: string; readonly currency: string | null }

/** An amount is a decimal text and is formatted as one: no digit passes through a float. */
export function money({ amount, currency }: Amount, locale?: string): string {
  if (!isDecimal(amount)) return currency ? `${amount} ${currency}` : amount
  return (isCurrency(currency) ? moneyIn(currency) : numbers)(locale).format(amount)
}

/** For headings: `€1.2M`. The exact one belongs beside it. */
export function shortMoney({ amount, currency }: Amount, locale?: string): string {
  if (!isDecimal(amount)) return money({ amount, currency }, locale)
  // `€258` and `€1.2M`: a decimal says something only of what was made short.
  const digits = Math.abs(Number(amount)) < 1_000 ? 0 : 1
  return new Intl.NumberFormat(locale, {
    notation: 'compact',
    maximumFractionDigits: digits,
    ...(isCurrency(currency) && { style: 'currency', currency }),
  }).format(amount)
}

export const moneys = (amounts: readonly Amount[], say: (one: Amount) => string = money): string =>
  amounts.length === 0 ? 'nothing' : amounts.map(one => say(one)).join(' + ')

const isDecimal = (text: string): text is `${number}` => /^-?\d+(\.\d+)?$/.test(text)

const isCurrency = (currency: string | null): currency is string => currency !== null && /^[A-Z]{3}$/.test(currency)

const currencies = new Map<string, (locale?: string) => Intl.NumberFormat>()

function moneyIn(currency: string): (locale?: string) => Intl.NumberFormat {
  const known =
    currencies.get(currency) ?? kept(locale => new Intl.NumberFormat(locale, { style: 'currency', currency }))
  currencies.set(currency, known)
  return known
}

const numbers = kept(locale => new Intl.NumberFormat(locale))

export const count = (many: number, locale?: string): string => numbers(locale).format(many)

/** `1 journey`, `3 journeys`. */
export const counted = (many: number, one: string, more = `${one}s`): string =>
  `${count(many)} ${many === 1 ? one : more}`

/** To make a format takes longer than to use it a hundred times. */
function kept<Format>(make: (locale?: string) => Format): (locale?: string) => Format {
  const made = new Map<string | undefined, Format>()
  return locale => {
    const format = made.get(locale) ?? make(locale)
    made.set(locale, format)
    return format
  }
}
