// Date literals such as TODAY, LAST_N_DAYS:3 and THIS_QUARTER, as the stretch of time they name (UTC).
export type Stretch = { readonly from: number; readonly to: number }

const DAY = 86_400_000

export function stretchOf(literal: string, now: number): Stretch | undefined {
  const [name = '', countText] = literal.toUpperCase().split(':')
  const plain = name.replace('FISCAL_', '')
  return countText === undefined ? fixed(plain, now) : counted(plain, Number(countText), now)
}

function fixed(name: string, now: number): Stretch | undefined {
  if (name === 'YESTERDAY') return days(now, -1, 0)
  if (name === 'TODAY') return days(now, 0, 1)
  if (name === 'TOMORROW') return days(now, 1, 2)
  if (name === 'LAST_90_DAYS') return days(now, -89, 1)
  if (name === 'NEXT_90_DAYS') return days(now, 1, 91)
  const match = /^(LAST|THIS|NEXT)_(WEEK|MONTH|QUARTER|YEAR)$/.exec(name)
  if (!match) return undefined
  const shift = match[1] === 'LAST' ? -1 : match[1] === 'NEXT' ? 1 : 0
  return { from: unitStart(match[2] ?? '', now, shift), to: unitStart(match[2] ?? '', now, shift + 1) }
}

function counted(name: string, n: number, now: number): Stretch | undefined {
  if (name === 'LAST_N_DAYS') return days(now, -n + 1, 1)
  if (name === 'NEXT_N_DAYS') return days(now, 1, n + 1)
  if (name === 'N_DAYS_AGO') return days(now, -n, -n + 1)
  const match = /^(?:(LAST|NEXT)_N_)?(?:N_)?(WEEK|MONTH|QUARTER|YEAR)S(_AGO)?$/.exec(name)
  if (!match) return undefined
  const unit = match[2] ?? ''
  if (match[3]) return { from: unitStart(unit, now, -n), to: unitStart(unit, now, -n + 1) }
  return match[1] === 'LAST'
    ? { from: unitStart(unit, now, -n), to: unitStart(unit, now, 0) }
    : { from: unitStart(unit, now, 1), to: unitStart(unit, now, n + 1) }
}

function days(now: number, from: number, to: number): Stretch {
  const today = Math.floor(now / DAY) * DAY
  return { from: today + from * DAY, to: today + to * DAY }
}

function unitStart(unit: string, now: number, shift: number): number {
  const date = new Date(now)
  const year = date.getUTCFullYear()
  const month = date.getUTCMonth()
  if (unit === 'WEEK') return Math.floor(now / DAY) * DAY - date.getUTCDay() * DAY + shift * 7 * DAY
  if (unit === 'MONTH') return Date.UTC(year, month + shift, 1)
  if (unit === 'QUARTER') return Date.UTC(year, month - (month % 3) + shift * 3, 1)
  return Date.UTC(year + shift, 0, 1)
}
