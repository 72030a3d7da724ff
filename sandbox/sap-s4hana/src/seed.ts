// What a fresh system holds: thirteen materials, six customers of sales area 1010 / 10 / 00, and their prices.
import type { Call } from './business/call.ts'
import { createCondition, LONG_AGO, type NewCondition, type Scale } from './business/conditions.ts'
import { type NewCustomer, setUpCustomer } from './business/customers.ts'
import { createProduct, listProduct, setStock } from './business/products.ts'
import type { World } from './business/world.ts'

interface SeededMaterial {
  readonly id: string
  readonly text: string
  readonly unit?: string
  readonly scales: readonly Scale[]
  readonly taxClass?: string
  readonly stock?: string
  readonly type?: string
}

const MATERIALS: readonly SeededMaterial[] = [
  {
    id: 'TG11',
    text: 'Trading good 11',
    scales: [
      { from: '1', rate: '17.55' },
      { from: '100', rate: '16.20' },
    ],
  },
  { id: 'TG12', text: 'Trading good 12', scales: [{ from: '1', rate: '350.10' }] },
  { id: 'TG13', text: 'Trading good 13', scales: [{ from: '1', rate: '0.07' }] },
  { id: 'TG14', text: 'Trading good 14, scarce', scales: [{ from: '1', rate: '1299.99' }], stock: '5' },
  { id: 'TG20', text: 'Technical book', scales: [{ from: '1', rate: '29.95' }], taxClass: '2' },
  { id: 'TG21', text: 'Postage stamp', scales: [{ from: '1', rate: '0.85' }], taxClass: '0' },
  {
    id: 'TG22',
    text: 'Pump, stainless steel',
    scales: [
      { from: '1', rate: '2480.00' },
      { from: '10', rate: '2356.00' },
    ],
  },
  { id: 'FG126', text: 'Finished good 126', scales: [{ from: '1', rate: '99.90' }] },
  { id: 'FG228', text: 'Finished good 228', scales: [{ from: '1', rate: '12.34' }] },
  { id: 'RM16', text: 'Granulate', unit: 'KG', scales: [{ from: '0.001', rate: '3.33' }] },
  { id: 'SM01', text: 'Installation hour', unit: 'H', scales: [{ from: '0.25', rate: '120.00' }] },
  { id: 'FREIGHT', text: 'Freight', type: 'DIEN', scales: [{ from: '1', rate: '9.90' }] },
  { id: 'MZ-FG-M500', text: 'Motor M500', scales: [{ from: '1', rate: '10450.00' }] },
]

const CUSTOMERS: readonly NewCustomer[] = [
  { id: '10100001', name: 'Inlandskunde DE 1', country: 'DE', city: 'Walldorf', creditLimit: '1000000000.00' },
  {
    id: '10100002',
    name: 'Inlandskunde DE 2',
    country: 'DE',
    city: 'Berlin',
    creditLimit: '1000000000.00',
  },
  { id: '10100003', name: 'Client France 3', country: 'FR', city: 'Lyon', creditLimit: '1000000000.00' },
  { id: '10100004', name: 'Kleinkunde DE 4', country: 'DE', city: 'Bonn', creditLimit: '500.00' },
  {
    id: '10100005',
    name: 'Strenger Kunde DE 5',
    country: 'DE',
    city: 'Ulm',
    creditLimit: '500.00',
    creditRefuses: true,
  },
  { id: '10200001', name: 'Stammkunde DE 6', country: 'DE', city: 'Kassel', creditLimit: '1000000000.00' },
]

/** Customer 2 has an own price; the good customer has 5 % on everything and pays 1.50 less for each panel; the scarce wheel travels insured. */
const CONDITIONS: readonly NewCondition[] = [
  {
    type: 'PPR0',
    customer: '10100002',
    material: 'TG11',
    calculation: 'C',
    scales: [
      { from: '1', rate: '15.00' },
      { from: '50', rate: '14.25' },
    ],
  },
  { type: 'K007', customer: '10200001', calculation: 'A', scales: [{ from: '1', rate: '-5' }] },
  {
    type: 'K005',
    customer: '10200001',
    material: 'TG12',
    calculation: 'C',
    scales: [{ from: '1', rate: '-1.50' }],
  },
  { type: 'K004', material: 'TG14', calculation: 'C', scales: [{ from: '1', rate: '12.50' }] },
]

export function seed(world: World, at: number): void {
  const call = seeding(at)
  world.store.transact('seed', () => {
    for (const material of MATERIALS) {
      const text = [{ Language: 'EN', ProductDescription: material.text }]
      const unit = material.unit ?? 'PC'
      const type = material.type && { ProductType: material.type }
      const named = { Product: material.id, BaseUnit: unit, ...type, ProductGroup: 'L001', to_Description: text }
      createProduct(world, named, call)
      setStock(world, material.id, material.stock ?? '100000000')
    }
    for (const customer of CUSTOMERS) setUpCustomer(world, customer, call)
    seedPrices(world, at)
  })
}

/** The prices of the seeded materials; also given to a system whose journal is from before there were condition records. */
export function seedPrices(world: World, at: number): void {
  const call = seeding(at)
  world.store.transact('seed', () => {
    for (const { id, scales, taxClass = '1' } of MATERIALS)
      if (world.products.get(id)) listProduct(world, id, { currency: 'EUR', scales, taxClass }, call)
    for (const condition of CONDITIONS)
      if (!condition.customer || world.partners.get(condition.customer))
        createCondition(world, { validFrom: LONG_AGO, ...condition }, call)
  })
}

const seeding = (at: number): Call => ({ by: 'seed', at, warn: () => undefined })
