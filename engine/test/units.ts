// The example with units: sales sells by the dozen or the pack, the ERP counts pieces, and the product desk says what one is of another.
import { sobject } from '@plumbline/connector-salesforce'
import {
  type AnyContract,
  type AnyEntryRule,
  type AnyRule,
  type Instance,
  id,
  type Mapping,
  type Project,
  text,
  units,
} from '@plumbline/sdk'

const Units = units('units', {
  keptBy: 'product desk',
  says: 'What goods are counted in',
  starts: {
    sales: { piece: 'Each', dozen: 'Dozen', pack: 'Pack' },
    s4: { piece: 'PC', kilogram: 'KG', hour: 'H' },
  },
  factors: [{ unit: 'dozen', is: '12', of: 'piece' }],
})
const counted = (field: string): AnyEntryRule => ({
  field,
  counted: Units,
  of: 'product',
  ours: 'unit',
  theirs: 'baseUnit',
})
const withUnits = (product: AnyContract): AnyContract => ({
  ...product,
  fields: {
    ...product.fields,
    unit: text('Sold by').ownedBy('crm').optional(),
    baseUnit: text('Counted in').ownedBy('erp').optional(),
  },
})
function mapped(mapping: Mapping, role: string): Mapping {
  const inSales = role === 'crm'
  const rules = (more: Readonly<Record<string, AnyRule>>): Mapping => ({
    ...mapping,
    rules: { ...mapping.rules, ...more },
  })
  if (mapping.contract === 'product')
    return rules({
      unit: inSales ? { field: 'QuantityUnitOfMeasure', table: Units } : { skip: 'how sales sells it' },
      baseUnit: inSales ? { skip: 'how the ERP counts it' } : { field: 'BaseUnit', table: Units },
    })
  const { lines } = mapping.rules
  if (mapping.contract !== 'order' || inSales || typeof lines !== 'object' || !('each' in lines)) return mapping
  const fields = {
    ...lines.fields,
    quantity: counted('RequestedQuantity'),
    price: counted('NetPriceAmount'),
    shipped: counted('DeliveredQtyInOrderQtyUnit'),
    open: { skip: 'the rest' },
  }
  return rules({ lines: { ...lines, fields } })
}
const productsIn = ({ connector }: Instance) => {
  const fields = { Id: id(), Name: text('Name'), ProductCode: text('Code'), QuantityUnitOfMeasure: text('Unit') }
  return connector.object('Product2', sobject('Product2', fields))
}
/** The example's project, whose products say what sales sells them by and what the ERP counts them in. */
export const soldByUnit = (example: Project): Project => ({
  ...example,
  contracts: example.contracts.map(one => (one.contract === 'product' ? withUnits(one) : one)),
  tables: [...(example.tables ?? []), Units],
  systems: example.systems.map(system => ({
    ...system,
    ...(system.role === 'crm' && { connector: productsIn(system) }),
    mappings: system.mappings.map(one => mapped(one, system.role)),
  })),
})
