// Outbound deliveries with the field names of API_OUTBOUND_DELIVERY_SRV.
import { date, entity, type InputOf, instant, many, quantity, type RowOf, text } from '../odata/model.ts'

export const deliveryItem = entity('A_OutbDeliveryItem', ['DeliveryDocument', 'DeliveryDocumentItem'], {
  DeliveryDocument: text(10),
  DeliveryDocumentItem: text(6),
  DeliveryDocumentItemText: text(40),
  DeliveryDocumentItemCategory: text(4),
  ReferenceSDDocument: text(10, 'create'),
  ReferenceSDDocumentItem: text(6, 'create'),
  ReferenceSDDocumentCategory: text(4, 'create'),
  Material: text(40),
  Plant: text(4),
  StorageLocation: text(4),
  ActualDeliveryQuantity: quantity('create'),
  OriginalDeliveryQuantity: quantity(),
  DeliveryQuantityUnit: text(3, 'create'),
  DeliveryQuantityISOUnit: text(3),
  PickingStatus: text(1),
  GoodsMovementStatus: text(1),
  DeliveryRelatedBillingStatus: text(1),
})

export const delivery = entity(
  'A_OutbDeliveryHeader',
  ['DeliveryDocument'],
  {
    DeliveryDocument: text(10),
    DeliveryDocumentType: text(4),
    SoldToParty: text(10),
    ShipToParty: text(10),
    SalesOrganization: text(4),
    ShippingPoint: text(4, 'create'),
    ShippingCondition: text(2),
    BillOfLading: text(35, 'always'),
    MeansOfTransport: text(20, 'always'),
    MeansOfTransportType: text(4, 'always'),
    DocumentDate: date(),
    DeliveryDate: date('always'),
    PlannedGoodsIssueDate: date('always'),
    ActualGoodsMovementDate: date(),
    OverallSDProcessStatus: text(1),
    OverallPickingStatus: text(1),
    OverallGoodsMovementStatus: text(1),
    OverallDelivReltdBillgStatus: text(1),
    OverallProofOfDeliveryStatus: text(1),
    CreatedByUser: text(12),
    CreationDate: date(),
    LastChangeDate: date(),
    LastChangeDateTime: instant(),
  },
  { children: { to_DeliveryDocumentItem: many(deliveryItem, 'items') }, etag: 'LastChangeDateTime' },
)

export type Delivery = RowOf<typeof delivery>
export type DeliveryItem = RowOf<typeof deliveryItem>
export type DeliveryInput = InputOf<typeof delivery>
