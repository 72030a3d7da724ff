/** What is sold, and to whom: a market for each ERP, under the numbers that things have there. */

export type Customer = {
  /** As in the ERP. */
  readonly number: string
  readonly name: string
  /** What it has agreed to pay, by product, as the ERP has it too. */
  readonly prices?: Readonly<Record<string, number>>
  /** Ample unless it is said; a quote above a small limit is a question to the credit desk, above a strict one it is refused. */
  readonly credit?: 'small' | 'strict'
}
export type Market = {
  readonly legalEntity: string
  readonly currency: string
  readonly products: readonly {
    readonly code: string
    readonly name: string
    readonly price: number
    /** There is not always enough of it. */
    readonly isScarce?: true
  }[]
  readonly customers: readonly Customer[]
}

/** In S/4HANA. */
export const EUROPE: Market = {
  legalEntity: 'DE01',
  currency: 'EUR',
  products: [
    { code: 'TG11', name: 'Seal kit', price: 17.55 },
    { code: 'TG12', name: 'Control panel', price: 350.1 },
    { code: 'TG13', name: 'Washer', price: 0.07 },
    { code: 'TG14', name: 'Turbine wheel', price: 1299.99, isScarce: true },
    { code: 'TG20', name: 'Technical handbook', price: 29.95 },
    { code: 'TG21', name: 'Inspection stamp', price: 0.85 },
    { code: 'TG22', name: 'Pump, stainless steel', price: 2480 },
    { code: 'FG126', name: 'Pressure gauge', price: 99.9 },
    { code: 'FG228', name: 'Hose coupling', price: 12.34 },
    { code: 'RM16', name: 'Granulate, per kg', price: 3.33 },
    { code: 'SM01', name: 'Installation, per hour', price: 120 },
    { code: 'MZ-FG-M500', name: 'Motor M500', price: 10450 },
  ],
  customers: [
    { number: '10100001', name: 'Adler Pumpen GmbH' },
    { number: '10100002', name: 'Berliner Wasserwerke', prices: { TG11: 15 } },
    { number: '10100003', name: 'Ondes du Rhône SA' },
    { number: '10100004', name: 'Kleinkunde Bonn', credit: 'small' },
    { number: '10100005', name: 'Strenger Kunde Ulm', credit: 'strict' },
  ],
}

/** In Tryton. */
export const AMERICA: Market = {
  legalEntity: 'US01',
  currency: 'USD',
  products: [
    { code: 'WID-100', name: 'Widget 100', price: 100 },
    { code: 'WID-200', name: 'Widget 200', price: 250, isScarce: true },
    { code: 'GAD-300', name: 'Gadget 300', price: 19.99 },
    { code: 'PUMP-20', name: 'Booster pump, 2 hp', price: 845 },
    { code: 'FILT-7', name: 'Filter cartridge', price: 38.5 },
  ],
  customers: [
    // Its price list takes ten percent off, and more from ten pieces on.
    {
      number: 'US-1001',
      name: 'Redwood Pumps Inc.',
      prices: { 'WID-100': 90, 'WID-200': 225, 'GAD-300': 17.99, 'PUMP-20': 760.5, 'FILT-7': 34.65 },
    },
    { number: 'US-1002', name: 'Lone Star Water LLC' },
    { number: 'US-1003', name: 'Small Creek Farm', credit: 'small' },
  ],
}

type Random = () => number

/** Anybody whose credit is ample. */
export const anyCustomer = ({ customers }: Market, random: Random): Customer =>
  any(
    customers.filter(({ credit }) => credit === undefined),
    random,
  )

/** One to three products in quantities a customer would order. */
export function anyLines({ products }: Market, random: Random): { code: string; quantity: number }[] {
  const ample = products.filter(({ isScarce }) => !isScarce)
  const codes = new Set(Array.from({ length: 1 + Math.floor(random() * 3) }, () => any(ample, random).code))
  return [...codes].map(code => ({ code, quantity: 1 + Math.floor(random() * 8) }))
}

function any<T>(of: readonly T[], random: Random): T {
  const one = of[Math.floor(random() * of.length)]
  if (one === undefined) throw new Error('There is none to choose from')
  return one
}
