// API_PRODUCT_SRV and API_MATERIAL_STOCK_SRV: materials and what of them is on stock.
import { changeProduct, createProduct, describe } from '../business/products.ts'
import type { World } from '../business/world.ts'
import { product, productDescription, stock } from '../documents/product.ts'
import { entitySet, type Service, service } from '../odata/service.ts'
import { byId, rowsWithin, within } from './rows.ts'

export function productService(world: World): Service {
  const productOf = (id: string | undefined) => world.products.get(id ?? '')
  return service('API_PRODUCT_SRV', 'LO-MD-MM', [
    entitySet({
      type: product,
      source: {
        byKey: key => productOf(key.Product),
        all: () => world.products.values(),
        equals: { Product: byId(productOf) },
        ranges: [{ field: 'LastChangeDateTime', timeline: world.indexes.productTimeline, complete: true }],
      },
      create: (input, call) => createProduct(world, input, call),
      update: (row, input, call) => void changeProduct(world, row, input, call),
    }),
    entitySet({
      type: productDescription,
      source: {
        byKey: key => productOf(key.Product)?.to_Description.find(each => each.Language === key.Language),
        all: () => rowsWithin(world.products.values(), each => each.to_Description),
        equals: { Product: within(id => productOf(id)?.to_Description ?? []) },
      },
      create: (input, call) =>
        describe(world, input.Product ?? '', input.Language ?? '', input.ProductDescription ?? '', call),
      update: (row, input, call) =>
        void describe(world, row.Product, row.Language, input.ProductDescription ?? row.ProductDescription, call),
    }),
  ])
}

export function stockService(world: World): Service {
  return service('API_MATERIAL_STOCK_SRV', 'MM-IM-GF', [
    entitySet({
      type: stock,
      source: {
        byKey: key => world.stocks.get(`${key.Material}/${key.Plant}`),
        all: () => world.stocks.values(),
        equals: { Material: world.indexes.stockByMaterial },
      },
    }),
  ])
}
