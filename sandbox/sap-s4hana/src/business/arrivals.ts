// Goods that arrive: planned for a day, or in.
import Big from 'big.js'
import { type PlannedReceipt, plannedReceipt } from '../documents/condition.ts'
import type { Stock } from '../documents/product.ts'
import { refused } from '../odata/errors.ts'
import { blank } from '../odata/model.ts'
import { onHand } from './availability.ts'
import { type Call, dayOf } from './call.ts'
import { count } from './money.ts'
import { HOME_AREA, PLANTS } from './organisation.ts'
import { setStock } from './products.ts'
import { stockKey, type World } from './world.ts'

export interface Arrival {
  readonly material: string
  readonly plant?: string
  readonly quantity: string
}

/** Plans a receipt: from its day on it can be promised. */
export function planReceipt(world: World, { material, plant, quantity, day }: Arrival & { day: number }, call: Call) {
  if (!world.products.get(material)) throw refused('M3/305', `Material ${material} does not exist`, 'Material')
  const at = plant ?? HOME_AREA.plant
  if (!PLANTS.includes(at)) throw refused('M7/018', `Plant ${at} is not defined`, 'Plant')
  if (day < dayOf(call.at)) throw refused('M7/040', 'A receipt cannot be planned for the past', 'AvailabilityDate')
  const row: PlannedReceipt = {
    ...blank(plannedReceipt),
    Receipt: world.store.next('receipt', 4500000000),
    Material: material,
    Plant: at,
    Quantity: count(quantity),
    AvailabilityDate: day,
  }
  world.receipts.put(row)
  return row
}

/** Goods are in: they lie in stock, and what was planned of them, the earliest first, is planned no longer. */
export function receiveGoods(world: World, { material, plant = HOME_AREA.plant, quantity }: Arrival): Stock {
  let left = new Big(quantity)
  const planned = [...world.indexes.receiptsByStock.rows(stockKey(material, plant))]
  planned.sort((a, b) => (a.AvailabilityDate ?? 0) - (b.AvailabilityDate ?? 0))
  for (const row of planned) {
    const rest = new Big(row.Quantity).minus(left)
    if (rest.gt(0)) world.receipts.put({ ...row, Quantity: count(rest) })
    else world.receipts.remove(row.Receipt)
    left = rest.lt(0) ? rest.abs() : new Big(0)
    if (left.eq(0)) break
  }
  return setStock(world, material, onHand(world, material, plant).plus(quantity).toString(), plant)
}
