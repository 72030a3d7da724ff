// Condition records as a clerk keeps them: created, cut off where a newer one begins, ended, and found for a day.
import Big from 'big.js'
import { type ConditionRecord, conditionRecord, conditionScale, conditionValidity } from '../documents/condition.ts'
import { refused } from '../odata/errors.ts'
import { blank } from '../odata/model.ts'
import { type Call, dayOf } from './call.ts'
import { count } from './money.ts'
import { HOME_AREA } from './organisation.ts'
import { conditionKey, type World } from './world.ts'

const DAY = 86_400_000
/** Since when a price holds that is simply listed. */
export const LONG_AGO = Date.UTC(2020, 0, 1)
/** 31.12.9999: what SAP writes for "until further notice". */
const FOR_EVER = Date.UTC(9999, 11, 31)

export interface Scale {
  readonly from: string
  readonly rate: string
}

export type Calculation = 'A' | 'B' | 'C'

/** By which of customer and material the records of a type are kept; the first that finds one counts. */
type Access = 'customer and material' | 'material' | 'customer'

interface ConditionType {
  readonly says: string
  readonly step: string
  readonly access: readonly Access[]
  readonly calculations: readonly Calculation[]
}

/** The automatic condition types, in the order in which pricing takes them. */
export const CONDITION_TYPES: Readonly<Record<string, ConditionType>> = {
  PPR0: { says: 'Price', step: '20', access: ['customer and material', 'material'], calculations: ['C'] },
  K004: { says: 'Material discount', step: '100', access: ['material'], calculations: ['A', 'B', 'C'] },
  K005: {
    says: 'Customer/material discount',
    step: '105',
    access: ['customer and material'],
    calculations: ['A', 'B', 'C'],
  },
  K007: { says: 'Customer discount', step: '110', access: ['customer'], calculations: ['A', 'B', 'C'] },
}

const TABLES: Readonly<Record<Access, string>> = { 'customer and material': '305', material: '304', customer: '307' }

export interface NewCondition {
  readonly type: string
  readonly customer?: string
  readonly material?: string
  readonly calculation: Calculation
  /** One rate, or scales by quantity. A discount is negative. */
  readonly scales: readonly Scale[]
  readonly currency?: string
  /** The quantity that the rate is for. */
  readonly per?: string
  readonly validFrom?: number
  readonly validTo?: number
}

export function createCondition(world: World, asked: NewCondition, call: Call): ConditionRecord {
  const access = accessOf(world, asked)
  const [start, end] = [asked.validFrom ?? dayOf(call.at), asked.validTo ?? FOR_EVER]
  if (end < start) throw refused('VK/319', 'The validity ends before it begins', 'ConditionValidityEndDate')
  const [first] = asked.scales
  if (!first) throw refused('VK/021', 'Enter a rate', 'ConditionRateValue')
  cutOff(world, asked, start, end, call)
  const number = world.store.next('condition', 1).padStart(10, '0')
  const unit = asked.calculation === 'A' ? '%' : (asked.currency ?? HOME_AREA.currency)
  const baseUnit = world.products.get(asked.material ?? '')?.BaseUnit ?? ''
  const scales = asked.scales.length > 1 || !new Big(first.from).eq(1) ? asked.scales : []
  const created: ConditionRecord = {
    ...blank(conditionRecord),
    ConditionRecord: number,
    ConditionSequentialNumber: '1',
    ConditionTable: TABLES[access],
    ConditionApplication: 'V',
    ConditionType: asked.type,
    ConditionValidityStartDate: start,
    ConditionValidityEndDate: end,
    ConditionCalculationType: asked.calculation,
    ConditionRateValue: new Big(first.rate).toFixed(9),
    ConditionRateValueUnit: unit,
    ConditionQuantity: asked.calculation === 'C' ? new Big(asked.per ?? '1').toFixed(0) : '0',
    ConditionQuantityUnit: asked.calculation === 'C' ? baseUnit : '',
    PricingScaleBasis: scales.length > 0 ? 'C' : '',
    CreatedByUser: call.by,
    CreationDate: dayOf(call.at),
    to_SlsPrcgCndnRecordScale: scales.map((scale, at) => ({
      ...blank(conditionScale),
      ConditionRecord: number,
      ConditionSequentialNumber: '1',
      ConditionScaleLine: String(at + 1),
      ConditionScaleQuantity: count(scale.from),
      ConditionScaleQuantityUnit: baseUnit,
      ConditionRateValue: new Big(scale.rate).toFixed(9),
      ConditionRateValueUnit: unit,
    })),
    to_SlsPrcgCndnRecdValidity: [
      {
        ...blank(conditionValidity),
        ConditionRecord: number,
        ConditionValidityStartDate: start,
        ConditionValidityEndDate: end,
        ConditionType: asked.type,
        SalesOrganization: HOME_AREA.organisation,
        DistributionChannel: HOME_AREA.channel,
        Customer: asked.customer ?? '',
        Material: asked.material ?? '',
      },
    ],
  }
  world.conditions.put(created)
  return created
}

function accessOf(world: World, { type, customer, material, calculation }: NewCondition): Access {
  const known = CONDITION_TYPES[type]
  if (!known) throw refused('VK/011', `Condition type ${type} is not defined`, 'ConditionType')
  if (!known.calculations.includes(calculation))
    throw refused('VK/012', `Condition type ${type} has no calculation type ${calculation}`, 'ConditionCalculationType')
  const access: Access = customer ? (material ? 'customer and material' : 'customer') : 'material'
  if (!known.access.includes(access))
    throw refused('VK/013', `Records of ${type} are kept by ${known.access.join(', or by ')}`, 'ConditionType')
  if (customer && !world.partners.get(customer)?.to_Customer)
    throw refused('VP/199', `Customer ${customer} does not exist`, 'Customer')
  if (material && !world.products.get(material))
    throw refused('M3/305', `Material ${material} does not exist`, 'Material')
  if (access === 'material' && !material) throw refused('VK/014', 'Enter a customer or a material', 'Material')
  return access
}

/** A new record takes over from those of the same key: they end the day before, and one that went on longer goes on behind it. */
function cutOff(world: World, asked: NewCondition, start: number, end: number, call: Call): void {
  for (const row of recordsFor(world, asked.type, asked.customer ?? '', asked.material ?? '')) {
    const [from, to] = [row.ConditionValidityStartDate ?? 0, row.ConditionValidityEndDate ?? FOR_EVER]
    if (to < start || from > end) continue
    if (from >= start) world.conditions.put({ ...row, ConditionIsDeleted: true })
    else world.conditions.put(withValidity(row, from, start - DAY))
    if (to > end) world.conditions.put(copied(world, row, end + DAY, to, call))
  }
}

/** The living records of a type for exactly this customer and material. */
const recordsFor = (world: World, type: string, customer: string, material: string): readonly ConditionRecord[] =>
  world.indexes.conditionsByKey.rows(conditionKey(type, customer, material)).filter(row => !row.ConditionIsDeleted)

function withValidity(row: ConditionRecord, from: number, to: number): ConditionRecord {
  const dates = { ConditionValidityStartDate: from, ConditionValidityEndDate: to }
  return {
    ...row,
    ...dates,
    to_SlsPrcgCndnRecdValidity: row.to_SlsPrcgCndnRecdValidity.map(each => ({ ...each, ...dates })),
  }
}

function copied(world: World, row: ConditionRecord, from: number, to: number, call: Call): ConditionRecord {
  const number = world.store.next('condition', 1).padStart(10, '0')
  const key = { ConditionRecord: number }
  const rest = withValidity(row, from, to)
  return {
    ...rest,
    ...key,
    CreatedByUser: call.by,
    to_SlsPrcgCndnRecdValidity: rest.to_SlsPrcgCndnRecdValidity.map(each => ({ ...each, ...key })),
    to_SlsPrcgCndnRecordScale: rest.to_SlsPrcgCndnRecordScale.map(each => ({ ...each, ...key })),
  }
}

/** Gives a record another validity, or deletes it. */
export function changeCondition(
  world: World,
  number: string,
  change: { readonly validFrom?: number; readonly validTo?: number; readonly delete?: boolean },
): ConditionRecord {
  const row = world.conditions.get(number)
  if (!row) throw refused('VK/015', `Condition record ${number} does not exist`, 'ConditionRecord')
  const [from, to] = [
    change.validFrom ?? row.ConditionValidityStartDate ?? 0,
    change.validTo ?? row.ConditionValidityEndDate ?? FOR_EVER,
  ]
  if (to < from) throw refused('VK/319', 'The validity ends before it begins', 'ConditionValidityEndDate')
  const changed = { ...withValidity(row, from, to), ConditionIsDeleted: change.delete ?? row.ConditionIsDeleted }
  world.conditions.put(changed)
  return changed
}

/** The record of a type that holds for a customer and a material on a day. */
export function conditionOn(
  world: World,
  type: string,
  asked: { readonly customer: string; readonly material: string; readonly day: number },
): ConditionRecord | undefined {
  for (const access of CONDITION_TYPES[type]?.access ?? []) {
    const customer = access === 'material' ? '' : asked.customer
    const material = access === 'customer' ? '' : asked.material
    const found = recordsFor(world, type, customer, material).find(row => isValidOn(row, asked.day))
    if (found) return found
  }
  return undefined
}

const isValidOn = (row: ConditionRecord, day: number): boolean =>
  (row.ConditionValidityStartDate ?? 0) <= day && day <= (row.ConditionValidityEndDate ?? FOR_EVER)

/** The rate for a quantity: of the highest step that it reaches; below all steps the lowest one holds. */
export function rateFor(row: ConditionRecord, quantity: string): Big {
  const steps = [...row.to_SlsPrcgCndnRecordScale].sort((a, b) =>
    new Big(a.ConditionScaleQuantity).cmp(b.ConditionScaleQuantity),
  )
  const step = steps.filter(each => new Big(each.ConditionScaleQuantity).lte(quantity)).at(-1) ?? steps[0]
  return new Big(step?.ConditionRateValue ?? row.ConditionRateValue)
}
