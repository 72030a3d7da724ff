// The credit check: what a customer owes and has ordered, against what was agreed.
import Big from 'big.js'
import type { Order } from '../documents/order.ts'
import { refused } from '../odata/errors.ts'
import { money } from './money.ts'
import { exposureKey, openValue, type World } from './world.ts'

export type CreditVerdict =
  | { readonly status: 'A' }
  | { readonly status: 'B'; readonly limit: Big; readonly exposure: Big }

/** Checks a new or changed order; `counted` is what of it the exposure already holds. */
export function checkCredit(world: World, order: Order, counted: Big): CreditVerdict {
  const account = world.credit.get(order.SoldToParty)
  if (!account || account.CreditLimitIsUnlimited) return { status: 'A' }
  const value = order.to_Item.reduce((total, item) => total.plus(openValue(item)), new Big(0))
  const others = world.exposure.of(exposureKey(order.SoldToParty, order.TransactionCurrency)).minus(counted)
  const exposure = others.plus(value)
  const limit = new Big(account.CreditLimitAmount)
  if (!account.CreditAccountIsBlocked && exposure.lte(limit)) return { status: 'A' }
  return { status: 'B', limit, exposure }
}

/** A few customers are so set up that an order over the limit is not even saved. */
export function refuseOverLimit(world: World, order: Order, verdict: CreditVerdict): void {
  if (verdict.status === 'A' || !world.credit.get(order.SoldToParty)?.RefusesOverLimit) return
  const currency = order.TransactionCurrency
  throw refused(
    'VC/101',
    `Credit check: the limit of ${money(verdict.limit, currency)} ${currency} of customer ${order.SoldToParty} ` +
      `would be exceeded, exposure ${money(verdict.exposure, currency)} ${currency}`,
    'SoldToParty',
  )
}

export const openValueOf = (order: Order): Big =>
  order.to_Item.reduce((total, item) => total.plus(openValue(item)), new Big(0))
