// What the sales people of a campaign offer to the customers that Tryton's seed knows, at the prices of its list "Gold".
import { between, oneOf } from '../../test/support/random.ts'
import { type Market, nearTo, type Product } from '../traffic.ts'

const products: readonly [Product, ...Product[]] = [
  { code: 'WID-100', price: 100 },
  { code: 'WID-200', price: 250 },
  { code: 'GAD-300', price: 19.99 },
]

/** May owe 5,000 at most. */
const strict = 'CUST-STD'

export const market: Market = {
  products,
  // The last has a limit that it stays below: Tryton locks its books for each of its orders.
  solvent: ['CUST-NOLIM', 'CUST-B1', 'CUST-B2', 'CUST-B3', 'CUST-B4', 'CUST-GOLD'],
  strict,
  linesFor(buyer, random) {
    if (buyer === strict) return [{ code: 'WID-100', quantity: 60, price: 100 }]
    const chosen = new Set(Array.from({ length: between(random, 1, 2) }, () => oneOf(random, products)))
    return [...chosen].map(({ code, price }) => {
      // Of one product there are few; of the first, ten are the list's first step and a hundred its second.
      const quantity = between(random, 1, code === 'WID-200' ? 2 : 14)
      return { code, quantity, price: nearTo(goldPrice(code, price, quantity), random) }
    })
  },
}

function goldPrice(code: string, list: number, quantity: number): number {
  if (code === 'WID-100' && quantity >= 100) return 79.5
  return list * (code === 'WID-100' && quantity >= 10 ? 0.85 : 0.9)
}
