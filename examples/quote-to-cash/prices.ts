// Whether the prices of a quote are those of the ERP: line by line, in decimal strings, within a tolerance.
import { compareMoney, dividedBy, type Money, minus, moneyOf, times } from '@plumbline/sdk'

/** A line may differ by a share of the ERP's price, or by an amount where that is more. */
export type Tolerance = {
  /** `1` is one percent. */
  readonly percent: string
  /** In the quote's currency, for a whole line. */
  readonly amount: string
}

type Offered = { readonly line: string; readonly quantity: number; readonly price: Money }
type Priced = { readonly line: string; readonly product: string; readonly net: Money; readonly conditions: string }

/** A line as the price desk sees it. */
export type Difference = {
  readonly product: string
  readonly quantity: number
  readonly quoted: Money
  readonly erp: Money
  readonly difference: Money
  readonly conditions: string
}

/** The lines of which the offered net is further from the ERP's than the tolerance lets it be. */
export function beyondTolerance(
  offered: readonly Offered[],
  priced: readonly Priced[],
  tolerance: Tolerance,
): Difference[] {
  const byLine = new Map(priced.map(line => [line.line, line]))
  return offered.flatMap(({ line, quantity, price }) => {
    const found = byLine.get(line)
    if (!found) return []
    const { product, net: erp, conditions } = found
    const quoted = times(price, quantity)
    if (isWithin(quoted, erp, tolerance)) return []
    return [{ product, quantity, quoted, erp, difference: minus(quoted, erp), conditions }]
  })
}

export function isWithin(quoted: Money, erp: Money, { percent, amount }: Tolerance): boolean {
  const difference = absolute(minus(quoted, erp))
  const share = dividedBy(times(absolute(erp), percent), 100)
  const least = moneyOf(amount, erp.currency)
  return compareMoney(difference, compareMoney(share, least) > 0 ? share : least) <= 0
}

/** Lines that are priced in another currency than they are offered in cannot be compared. */
export const currenciesIn = (lines: readonly { readonly net: Money }[]): readonly string[] => [
  ...new Set(lines.map(line => line.net.currency)),
]

const absolute = (money: Money): Money => (money.amount.startsWith('-') ? times(money, -1) : money)
