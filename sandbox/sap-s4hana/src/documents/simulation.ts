// The question "what if I ordered this?" with the field names of API_SALES_ORDER_SIMULATION_SRV.
import {
  amount,
  date,
  decimal,
  entity,
  flag,
  type InputOf,
  many,
  one,
  quantity,
  type RowOf,
  text,
} from '../odata/model.ts'

export const priceElementSimulation = entity(
  'A_SalesOrderItemPrcgElmntSimln',
  ['SalesOrder', 'SalesOrderItem', 'PricingProcedureStep', 'PricingProcedureCounter'],
  {
    SalesOrder: text(10),
    SalesOrderItem: text(6),
    PricingProcedureStep: text(3, 'create'),
    PricingProcedureCounter: text(3, 'create'),
    ConditionType: text(4, 'create'),
    ConditionCalculationType: text(3),
    ConditionBaseValue: decimal(24, 3),
    ConditionRateValue: decimal(24, 9, 'create'),
    ConditionCurrency: text(5, 'create'),
    ConditionQuantity: decimal(5, 0, 'create'),
    ConditionQuantityUnit: text(3, 'create'),
    ConditionAmount: amount(),
    TransactionCurrency: text(5),
    ConditionRecord: text(10),
    ConditionInactiveReason: text(1),
    ConditionIsForStatistics: flag(),
  },
)

export const scheduleLineSimulation = entity(
  'A_SalesOrderScheduleLineSimln',
  ['SalesOrder', 'SalesOrderItem', 'ScheduleLine'],
  {
    SalesOrder: text(10),
    SalesOrderItem: text(6),
    ScheduleLine: text(4),
    RequestedDeliveryDate: date(),
    ConfirmedDeliveryDate: date(),
    OrderQuantityUnit: text(3),
    ScheduleLineOrderQuantity: quantity(),
    ConfdOrderQtyByMatlAvailCheck: quantity(),
  },
)

export const itemSimulation = entity(
  'A_SalesOrderItemSimulation',
  ['SalesOrder', 'SalesOrderItem'],
  {
    SalesOrder: text(10),
    SalesOrderItem: text(6, 'create'),
    Material: text(40, 'create'),
    SalesOrderItemText: text(40, 'create'),
    UnderlyingPurchaseOrderItem: text(10, 'create'),
    RequestedQuantity: quantity('create'),
    RequestedQuantityUnit: text(3, 'create'),
    RequestedQuantitySAPUnit: text(3, 'create'),
    RequestedQuantityISOUnit: text(3, 'create'),
    ConfdDelivQtyInOrderQtyUnit: quantity(),
    TransactionCurrency: text(5),
    NetAmount: amount(),
    TaxAmount: amount(),
    ProductionPlant: text(4, 'create'),
  },
  { children: { to_PricingElement: many(priceElementSimulation), to_ScheduleLine: many(scheduleLineSimulation) } },
)

export const pricingSimulation = entity('A_SalesOrderPricingSimulation', ['SalesOrder'], {
  SalesOrder: text(10),
  TotalNetAmount: amount(),
  TransactionCurrency: text(5),
})

export const creditSimulation = entity('A_SalesOrderCreditSimulation', ['SalesOrder'], {
  SalesOrder: text(10),
  TotalCreditCheckStatus: text(1),
})

export const headerElementSimulation = entity(
  'A_SalesOrderPrcgElmntSimln',
  ['SalesOrder', 'PricingProcedureStep', 'PricingProcedureCounter'],
  {
    SalesOrder: text(10),
    PricingProcedureStep: text(3),
    PricingProcedureCounter: text(3),
    ConditionType: text(4),
    ConditionCurrency: text(5),
    ConditionAmount: amount(),
    TransactionCurrency: text(5),
  },
)

export const partnerSimulation = entity('A_SalesOrderPartnerSimulation', ['SalesOrder', 'PartnerFunction'], {
  SalesOrder: text(10),
  PartnerFunction: text(2, 'create'),
  Customer: text(10, 'create'),
})

export const orderSimulation = entity(
  'A_SalesOrderSimulation',
  ['SalesOrder'],
  {
    SalesOrder: text(10),
    SalesOrderType: text(4, 'create'),
    SalesOrganization: text(4, 'create'),
    DistributionChannel: text(2, 'create'),
    OrganizationDivision: text(2, 'create'),
    SoldToParty: text(10, 'create'),
    PurchaseOrderByCustomer: text(35, 'create'),
    TransactionCurrency: text(5, 'create'),
    SalesOrderDate: date('create'),
    PricingDate: date('create'),
    RequestedDeliveryDate: date('create'),
    ShippingCondition: text(2, 'create'),
    IncotermsClassification: text(3, 'create'),
    IncotermsTransferLocation: text(28, 'create'),
    CustomerPaymentTerms: text(4, 'create'),
  },
  {
    children: {
      to_Item: many(itemSimulation),
      to_Partner: many(partnerSimulation),
      to_Pricing: one(pricingSimulation),
      to_PricingElement: many(headerElementSimulation),
      to_Credit: one(creditSimulation),
    },
  },
)

export type SimulationInput = InputOf<typeof orderSimulation>
export type Simulation = RowOf<typeof orderSimulation>
