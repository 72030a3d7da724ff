// Condition records: what a price, a discount or a surcharge is, for whom and from when to when, with the field names of
// API_SLSPRICINGCONDITIONRECORD_SRV.
import { date, decimal, entity, flag, many, quantity, type RowOf, text } from '../odata/model.ts'

/** One step of a scale: from this quantity on, this rate. */
export const conditionScale = entity(
  'A_SlsPrcgCndnRecordScale',
  ['ConditionRecord', 'ConditionSequentialNumber', 'ConditionScaleLine'],
  {
    ConditionRecord: text(10),
    ConditionSequentialNumber: text(3),
    ConditionScaleLine: text(4),
    ConditionScaleQuantity: quantity(),
    ConditionScaleQuantityUnit: text(3),
    ConditionRateValue: decimal(24, 9),
    ConditionRateValueUnit: text(5),
  },
)

/** For whom and what a record holds, and when. */
export const conditionValidity = entity('A_SlsPrcgCndnRecdValidity', ['ConditionRecord', 'ConditionValidityEndDate'], {
  ConditionRecord: text(10),
  ConditionValidityStartDate: date(),
  ConditionValidityEndDate: date(),
  ConditionType: text(4),
  SalesOrganization: text(4),
  DistributionChannel: text(2),
  Customer: text(10),
  Material: text(40),
})

export const conditionRecord = entity(
  'A_SlsPrcgConditionRecord',
  ['ConditionRecord'],
  {
    ConditionRecord: text(10),
    ConditionSequentialNumber: text(3),
    ConditionTable: text(3),
    ConditionApplication: text(2),
    ConditionType: text(4),
    ConditionValidityStartDate: date(),
    ConditionValidityEndDate: date(),
    /** A: percentage, B: fixed amount, C: by quantity. */
    ConditionCalculationType: text(3),
    ConditionRateValue: decimal(24, 9),
    ConditionRateValueUnit: text(5),
    ConditionQuantity: decimal(5, 0),
    ConditionQuantityUnit: text(3),
    PricingScaleBasis: text(3),
    ConditionIsDeleted: flag(),
    CreatedByUser: text(12),
    CreationDate: date(),
  },
  {
    children: {
      to_SlsPrcgCndnRecdValidity: many(conditionValidity, 'to_SlsPrcgCndnRecdValidity'),
      to_SlsPrcgCndnRecordScale: many(conditionScale, 'to_SlsPrcgCndnRecordScale'),
    },
  },
)

/** What is on its way into the warehouse: a planned receipt, from the open purchase orders and production. */
export const plannedReceipt = entity('PlannedReceipt', ['Receipt'], {
  Receipt: text(10),
  Material: text(40),
  Plant: text(4),
  Quantity: quantity(),
  AvailabilityDate: date(),
})

export type ConditionRecord = RowOf<typeof conditionRecord>
export type PlannedReceipt = RowOf<typeof plannedReceipt>
