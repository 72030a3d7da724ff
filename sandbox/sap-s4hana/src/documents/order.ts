// Sales orders with the field names of API_SALES_ORDER_SRV.
import {
  amount,
  date,
  decimal,
  entity,
  flag,
  hidden,
  type InputOf,
  instant,
  many,
  quantity,
  type RowOf,
  text,
} from '../odata/model.ts'

export const itemPriceElement = entity(
  'A_SalesOrderItemPrElement',
  ['SalesOrder', 'SalesOrderItem', 'PricingProcedureStep', 'PricingProcedureCounter'],
  {
    SalesOrder: text(10, 'create'),
    SalesOrderItem: text(6, 'create'),
    PricingProcedureStep: text(3, 'create'),
    PricingProcedureCounter: text(3, 'create'),
    ConditionType: text(4, 'create'),
    ConditionCalculationType: text(3),
    ConditionBaseValue: decimal(24, 3),
    ConditionRateValue: decimal(24, 9, 'always'),
    ConditionCurrency: text(5, 'always'),
    ConditionQuantity: decimal(5, 0, 'always'),
    ConditionQuantityUnit: text(3, 'always'),
    ConditionQuantitySAPUnit: text(3, 'always'),
    ConditionQuantityISOUnit: text(3, 'always'),
    ConditionAmount: amount(),
    TransactionCurrency: text(5),
    ConditionRecord: text(10),
    ConditionInactiveReason: text(1),
    ConditionIsManuallyChanged: flag(),
    ConditionIsForStatistics: flag(),
  },
)

export const headerPriceElement = entity(
  'A_SalesOrderHeaderPrElement',
  ['SalesOrder', 'PricingProcedureStep', 'PricingProcedureCounter'],
  {
    SalesOrder: text(10),
    PricingProcedureStep: text(3),
    PricingProcedureCounter: text(3),
    ConditionType: text(4),
    ConditionRateValue: decimal(24, 9),
    ConditionCurrency: text(5),
    ConditionAmount: amount(),
    TransactionCurrency: text(5),
  },
)

export const scheduleLine = entity('A_SalesOrderScheduleLine', ['SalesOrder', 'SalesOrderItem', 'ScheduleLine'], {
  SalesOrder: text(10),
  SalesOrderItem: text(6),
  ScheduleLine: text(4),
  RequestedDeliveryDate: date(),
  ConfirmedDeliveryDate: date(),
  OrderQuantityUnit: text(3),
  OrderQuantityISOUnit: text(3),
  ScheduleLineOrderQuantity: quantity(),
  ConfdOrderQtyByMatlAvailCheck: quantity(),
  DeliveredQtyInOrderQtyUnit: quantity(),
})

/** What came of an order: deliveries (J) and invoices (M), with cancellations (N). */
export const subsequentDocument = entity('A_SalesOrderSubsqntProcFlow', ['SalesOrder', 'SubsequentDocument'], {
  SalesOrder: text(10),
  SubsequentDocument: text(10),
  SubsequentDocumentCategory: text(4),
  CreationDate: date(),
  ProcessFlowLevel: text(2),
})

export const orderPartner = entity('A_SalesOrderHeaderPartner', ['SalesOrder', 'PartnerFunction'], {
  SalesOrder: text(10, 'create'),
  PartnerFunction: text(2, 'create'),
  Customer: text(10, 'always'),
})

export const orderItem = entity(
  'A_SalesOrderItem',
  ['SalesOrder', 'SalesOrderItem'],
  {
    SalesOrder: text(10, 'create'),
    SalesOrderItem: text(6, 'create'),
    HigherLevelItem: text(6),
    SalesOrderItemCategory: text(4, 'create'),
    SalesOrderItemText: text(40, 'always'),
    PurchaseOrderByCustomer: text(35, 'always'),
    UnderlyingPurchaseOrderItem: text(10, 'always'),
    Material: text(40, 'always'),
    MaterialByCustomer: text(35, 'always'),
    RequestedQuantity: quantity('always'),
    RequestedQuantityUnit: text(3, 'always'),
    RequestedQuantitySAPUnit: text(3, 'always'),
    RequestedQuantityISOUnit: text(3, 'always'),
    ConfdDelivQtyInOrderQtyUnit: quantity(),
    TransactionCurrency: text(5),
    NetAmount: amount(),
    TaxAmount: amount(),
    NetPriceAmount: amount(),
    NetPriceQuantity: decimal(5, 0),
    NetPriceQuantityUnit: text(3),
    ProductionPlant: text(4, 'always'),
    StorageLocation: text(4, 'always'),
    IncotermsClassification: text(3, 'always'),
    CustomerPaymentTerms: text(4, 'always'),
    SalesDocumentRjcnReason: text(2, 'always'),
    SDProcessStatus: text(1),
    DeliveryStatus: text(1),
    OrderRelatedBillingStatus: text(1),
    SDDocumentRejectionStatus: text(1),
    CreationDate: date(),
    LastChangeDate: date(),
    DeliveredQuantity: hidden(quantity()),
    BilledQuantity: hidden(quantity()),
    BilledNetAmount: hidden(amount()),
    BilledTaxAmount: hidden(amount()),
    TaxRatePercent: hidden(text(8)),
  },
  { children: { to_PricingElement: many(itemPriceElement), to_ScheduleLine: many(scheduleLine) } },
)

export const order = entity(
  'A_SalesOrder',
  ['SalesOrder'],
  {
    SalesOrder: text(10),
    SalesOrderType: text(4, 'create'),
    SalesOrganization: text(4, 'create'),
    DistributionChannel: text(2, 'create'),
    OrganizationDivision: text(2, 'create'),
    SalesGroup: text(3, 'always'),
    SalesOffice: text(4, 'always'),
    SoldToParty: text(10, 'create'),
    CreationDate: date(),
    CreatedByUser: text(12),
    LastChangeDate: date(),
    LastChangeDateTime: instant(),
    ExternalDocumentID: text(40),
    PurchaseOrderByCustomer: text(35, 'always'),
    CustomerPurchaseOrderType: text(4, 'always'),
    CustomerPurchaseOrderDate: date('always'),
    SalesOrderDate: date('always'),
    PricingDate: date('always'),
    RequestedDeliveryDate: date('always'),
    TotalNetAmount: amount(),
    TransactionCurrency: text(5, 'create'),
    ShippingCondition: text(2, 'always'),
    CompleteDeliveryIsDefined: text(1),
    IncotermsClassification: text(3, 'always'),
    IncotermsTransferLocation: text(28, 'always'),
    CustomerPaymentTerms: text(4, 'always'),
    PaymentMethod: text(1, 'always'),
    SDDocumentReason: text(3, 'always'),
    DeliveryBlockReason: text(2, 'always'),
    HeaderBillingBlockReason: text(2, 'always'),
    OverallSDProcessStatus: text(1),
    OverallDeliveryStatus: text(1),
    OverallTotalDeliveryStatus: text(1),
    OverallOrdReltdBillgStatus: text(1),
    OverallSDDocumentRejectionSts: text(1),
    TotalCreditCheckStatus: text(1),
  },
  {
    children: {
      to_Item: many(orderItem, 'items', [
        'SalesOrderItem',
        'SalesOrderItemText',
        'PurchaseOrderByCustomer',
        'UnderlyingPurchaseOrderItem',
        'Material',
        'RequestedQuantity',
        'RequestedQuantityUnit',
        'ConfdDelivQtyInOrderQtyUnit',
        'NetAmount',
        'TaxAmount',
        'SalesDocumentRjcnReason',
        'SDProcessStatus',
        'DeliveryStatus',
        'OrderRelatedBillingStatus',
      ]),
      to_Partner: many(orderPartner),
      to_PricingElement: many(headerPriceElement),
    },
    etag: 'LastChangeDateTime',
  },
)

export type Order = RowOf<typeof order>
export type OrderItem = RowOf<typeof orderItem>
export type OrderInput = InputOf<typeof order>
export type OrderItemInput = InputOf<typeof orderItem>
export type PriceElementInput = InputOf<typeof itemPriceElement>
export type PriceElement = RowOf<typeof itemPriceElement>
export type ScheduleLine = RowOf<typeof scheduleLine>
