// Materials and their stock.
import { date, entity, flag, hidden, instant, many, quantity, type RowOf, text } from '../odata/model.ts'

export const productDescription = entity('A_ProductDescription', ['Product', 'Language'], {
  Product: text(40, 'create'),
  Language: text(2, 'create'),
  ProductDescription: text(40, 'always'),
})

export const product = entity(
  'A_Product',
  ['Product'],
  {
    Product: text(40, 'create'),
    ProductType: text(4, 'create'),
    ProductGroup: text(9, 'always'),
    BaseUnit: text(3, 'create'),
    BaseISOUnit: text(3),
    Division: text(2, 'always'),
    GrossWeight: quantity('always'),
    NetWeight: quantity('always'),
    WeightUnit: text(3, 'always'),
    ProductStandardID: text(18, 'always'),
    CrossPlantStatus: text(2, 'always'),
    IsMarkedForDeletion: flag('always'),
    CreationDate: date(),
    CreatedByUser: text(12),
    LastChangeDate: date(),
    LastChangedByUser: text(12),
    LastChangeDateTime: instant(),
    TaxClassification: hidden(text(1)),
  },
  {
    children: { to_Description: many(productDescription, 'to_Description') },
    etag: 'LastChangeDateTime',
  },
)

export const stock = entity(
  'A_MatlStkInAcctMod',
  [
    'Material',
    'Plant',
    'StorageLocation',
    'Batch',
    'Supplier',
    'Customer',
    'WBSElementInternalID',
    'SDDocument',
    'SDDocumentItem',
    'InventorySpecialStockType',
    'InventoryStockType',
  ],
  {
    Material: text(40),
    Plant: text(4),
    StorageLocation: text(4),
    Batch: text(10),
    Supplier: text(10),
    Customer: text(10),
    WBSElementInternalID: text(24),
    SDDocument: text(10),
    SDDocumentItem: text(6),
    InventorySpecialStockType: text(1),
    InventoryStockType: text(2),
    MaterialBaseUnit: text(3),
    MatlWrhsStkQtyInMatlBaseUnit: quantity(),
  },
)

export type Product = RowOf<typeof product>
export type Stock = RowOf<typeof stock>
