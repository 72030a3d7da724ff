// Materials: creating them and changing their texts; their prices and stock as the seller keeps them.
import { type Product, product, productDescription, type Stock, stock } from '../documents/product.ts'
import { refused } from '../odata/errors.ts'
import { blank, type InputOf } from '../odata/model.ts'
import { type Call, dayOf, stamped } from './call.ts'
import { createCondition, LONG_AGO, type Scale } from './conditions.ts'
import { count } from './money.ts'
import { HOME_AREA, isoUnit, PLANTS } from './organisation.ts'
import type { World } from './world.ts'

export type ProductInput = InputOf<typeof product>

export function createProduct(world: World, input: ProductInput, call: Call): Product {
  const id = input.Product ?? ''
  if (id === '') throw refused('M3/010', 'Enter a material number', 'Product')
  if (world.products.get(id)) throw refused('M3/014', `Material ${id} already exists`, 'Product')
  if (!input.BaseUnit) throw refused('M3/042', `Material ${id}: enter a base unit of measure`, 'BaseUnit')
  const { to_Description, ...fields } = input
  const row: Product = {
    ...blank(product),
    ProductType: 'FERT',
    ...fields,
    TaxClassification: '1',
    BaseISOUnit: isoUnit(input.BaseUnit),
    CreationDate: dayOf(call.at),
    CreatedByUser: call.by,
    LastChangeDateTime: call.at,
    to_Description: (to_Description ?? []).map(each => ({ ...blank(productDescription), ...each, Product: id })),
  }
  world.products.put(row)
  return row
}

export function changeProduct(world: World, row: Product, input: ProductInput, call: Call): Product {
  const { to_Description: _texts, ...fields } = input
  const changed = { ...row, ...fields, ...lastChange(row, call) }
  world.products.put(changed)
  return changed
}

const lastChange = (row: Product, call: Call) => ({
  LastChangeDate: dayOf(call.at),
  LastChangedByUser: call.by,
  LastChangeDateTime: stamped(call, row.LastChangeDateTime),
})

export function describe(world: World, id: string, language: string, text: string, call: Call) {
  const row = world.products.get(id)
  if (!row) throw refused('M3/305', `Material ${id} does not exist`, 'Product')
  const description = { ...blank(productDescription), Product: id, Language: language, ProductDescription: text }
  const others = row.to_Description.filter(each => each.Language !== language)
  world.products.put({ ...row, ...lastChange(row, call), to_Description: [...others, description] })
  return description
}

/** Sets what the material costs everybody and how it is taxed. */
export function listProduct(
  world: World,
  id: string,
  terms: { currency: string; scales: readonly Scale[]; taxClass: string },
  call: Call,
): Product {
  const row = world.products.get(id)
  if (!row) throw refused('M3/305', `Material ${id} does not exist`, 'Product')
  const changed: Product = {
    ...row,
    LastChangeDateTime: stamped(call, row.LastChangeDateTime),
    TaxClassification: terms.taxClass,
  }
  const { currency, scales } = terms
  createCondition(world, { type: 'PPR0', material: id, calculation: 'C', scales, currency, validFrom: LONG_AGO }, call)
  world.products.put(changed)
  return changed
}

/** Sets what of a material lies in a plant, as a count of the shelves does. */
export function setStock(world: World, material: string, quantity: string, plant: string = HOME_AREA.plant): Stock {
  const product = world.products.get(material)
  if (!product) throw refused('M3/305', `Material ${material} does not exist`, 'Material')
  if (!PLANTS.includes(plant)) throw refused('M7/018', `Plant ${plant} is not defined`, 'Plant')
  const row: Stock = {
    ...blank(stock),
    Material: material,
    Plant: plant,
    StorageLocation: '101A',
    InventoryStockType: '01',
    MaterialBaseUnit: product.BaseUnit,
    MatlWrhsStkQtyInMatlBaseUnit: count(quantity),
  }
  world.stocks.put(row)
  return row
}
