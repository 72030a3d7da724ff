// Prices by the simulation of an order: worked out in full, with every condition, and not saved.
import { type DateOnly, dividedBy, type Money, moneyOf, Refused, sum, thrown } from '@plumbline/sdk'
import type { S4Api } from './api.ts'
import { daysPerQuestion, idsPerCall } from './limits.ts'
import { dayIn, isRow, quoted, type Row, rowsIn } from './odata.ts'
import { salesAreaIn } from './settings.ts'

export type PriceAsked = {
  readonly customer: string
  readonly currency?: string
  readonly validity?: boolean
  readonly lines: readonly (Omit<LineAsked, 'line'> & { readonly line?: string })[]
}
type LineAsked = {
  readonly line: string
  readonly product: string
  readonly quantity: number
  readonly date?: DateOnly
}
type Line = {
  readonly line: string
  readonly product: string
  readonly quantity: number
  readonly unit: Money
  readonly net: Money
  readonly tax: Money
  readonly conditions: string
  readonly until: DateOnly | undefined
}
/** A line with the condition records that its price came from. */
type Worked = { readonly line: Line; readonly records: readonly string[] }

export async function priced(api: S4Api, asked: PriceAsked) {
  if (asked.lines.length === 0) throw new Refused('No line was named, so there is nothing to price')
  const wrong = asked.lines.find(({ quantity }) => !(quantity > 0))
  if (wrong) throw new Refused(`${wrong.quantity} is no quantity of ${wrong.product}`)
  // An order has one pricing date: lines for several days are several orders.
  const lines = asked.lines.map((line, at) => ({ ...line, line: line.line ?? String(at + 1) }))
  const byDate = Map.groupBy(lines, line => line.date)
  if (byDate.size > daysPerQuestion)
    throw new Refused(
      `The lines are for ${byDate.size} different days, and prices are asked for ${daysPerQuestion} at most`,
      'Ask for some of the days at a time.',
    )
  const worked = new Map<string, Worked>()
  // One after the other: a question has one of the calls that S/4HANA takes at once.
  for (const [date, lines] of byDate)
    for (const one of await simulated(api, asked, lines, date)) worked.set(one.line.line, one)
  const inOrder = lines.flatMap(({ line }) => worked.get(line) ?? [])
  const priced = asked.validity ? await withValidity(api, inOrder) : inOrder.map(({ line }) => line)
  const [net, tax] = [sum(priced.map(line => line.net)), sum(priced.map(line => line.tax))]
  if (!net || !tax || worked.size < lines.length)
    throw new Refused('S/4HANA did not price every line', 'Give each line a name of its own.')
  return { net, tax, lines: priced }
}

async function simulated(
  api: S4Api,
  { customer, currency }: PriceAsked,
  lines: readonly LineAsked[],
  date: DateOnly | undefined,
): Promise<Worked[]> {
  const body = {
    SalesOrderType: 'OR',
    ...salesAreaIn(api.settings.salesArea),
    SoldToParty: customer,
    ...(currency && { TransactionCurrency: currency }),
    ...(date && { PricingDate: `/Date(${Date.parse(`${date}T00:00:00Z`)})/` }),
    to_Pricing: {},
    to_Item: lines.map(({ product, quantity }, at) => ({
      SalesOrderItem: itemNumber(at),
      Material: product,
      RequestedQuantity: String(quantity),
      to_PricingElement: [],
    })),
  }
  const outcome = await api.http.send({
    method: 'POST',
    service: 'API_SALES_ORDER_SIMULATION_SRV',
    path: 'A_SalesOrderSimulation',
    body,
    of: 'price',
  })
  if (!outcome.ok) throw thrown(outcome.end)
  const answer = isRow(outcome.json) && isRow(outcome.json.d) ? outcome.json.d : {}
  const items = new Map(rowsIn(answer.to_Item).map(item => [String(item.SalesOrderItem), item]))
  return lines.map((line, at) => workedOut(line, items.get(itemNumber(at)), date))
}

const itemNumber = (at: number): string => String((at + 1) * 10)

function workedOut({ line, product, quantity }: LineAsked, item: Row | undefined, date: DateOnly | undefined): Worked {
  const elements = rowsIn(item?.to_PricingElement).filter(isActive)
  // SAP saves an item without a price as one of nothing, with a warning: a price of nothing is none.
  if (!item || !elements.some(element => priceTypes.has(String(element.ConditionType))))
    throw new Refused(
      `S/4HANA has no price for ${product}${date ? ` on ${date}` : ''}`,
      `Enter a condition record for ${product} that is valid then, or take it off the quote.`,
    )
  const currency = String(item.TransactionCurrency)
  const [net, tax] = [moneyOf(String(item.NetAmount), currency), moneyOf(String(item.TaxAmount), currency)]
  const conditions = elements.map(element => words(element, currency)).join('; ')
  const records = elements.map(element => String(element.ConditionRecord ?? '')).filter(Boolean)
  return {
    line: {
      line,
      product: nameOf(product, item),
      quantity,
      unit: dividedBy(net, quantity),
      net,
      tax,
      conditions,
      until: undefined,
    },
    records,
  }
}

const nameOf = (product: string, { SalesOrderItemText: text }: Row): string =>
  typeof text === 'string' && text !== '' && text !== product ? `${product} ${text}` : product

const isActive = (element: Row): boolean =>
  !element.ConditionInactiveReason && element.ConditionIsForStatistics !== true

const priceTypes = new Set(['PPR0', 'PR00', 'PMP0'])
const names: Readonly<Record<string, string>> = {
  PPR0: 'price',
  PR00: 'price',
  PMP0: 'agreed price',
  K004: 'material discount',
  K005: 'customer/material discount',
  K007: 'customer discount',
  TTX1: 'tax',
  MWST: 'tax',
}

/** `price 17.55 EUR for 1 PC`, `customer discount -5 % (-52.52 EUR)`. */
function words(element: Row, currency: string): string {
  const type = String(element.ConditionType)
  const what = (names[type] ?? type).replace('discount', Number(element.ConditionAmount) > 0 ? 'surcharge' : 'discount')
  const byQuantity = element.ConditionCalculationType === 'C'
  const rate = decimal(element.ConditionRateValue, byQuantity ? 2 : 0)
  const amount = `${moneyOf(String(element.ConditionAmount), currency).amount} ${currency}`
  if (byQuantity) return `${what} ${rate} ${currency} for ${element.ConditionQuantity} ${element.ConditionQuantityUnit}`
  return element.ConditionCalculationType === 'A' ? `${what} ${rate} % (${amount})` : `${what} ${amount}`
}

/** `350.100000000` as people write it: with so many digits after the point, and no zeros behind those. */
function decimal(value: unknown, least: number): string {
  const [whole = '0', fraction = ''] = String(value ?? '0').split('.')
  const digits = fraction.replace(/0+$/, '').padEnd(least, '0')
  return digits === '' ? whole : `${whole}.${digits}`
}

/** Until when a price holds: as long as each record that it is made of. */
async function withValidity(api: S4Api, worked: readonly Worked[]): Promise<Line[]> {
  const ends = await endsOf(api, [...new Set(worked.flatMap(({ records }) => records))])
  return worked.map(({ line, records }) => {
    const [first] = records.flatMap(record => ends.get(record) ?? []).sort()
    return { ...line, until: first === forEver ? undefined : first }
  })
}

const forEver = '9999-12-31'

async function endsOf(api: S4Api, records: readonly string[]): Promise<Map<string, DateOnly>> {
  const ends = new Map<string, DateOnly>()
  for (let at = 0; at < records.length; at += idsPerCall) {
    const some = records.slice(at, at + idsPerCall).map(record => `ConditionRecord eq ${quoted(record)}`)
    const query = `$filter=${encodeURIComponent(some.join(' or '))}&$select=ConditionRecord,ConditionValidityEndDate`
    const path = `A_SlsPrcgConditionRecord?${query}`
    const { json } = await api.http.get('API_SLSPRICINGCONDITIONRECORD_SRV', path, 'condition records')
    for (const row of rowsIn(isRow(json) ? json.d : undefined)) {
      const end = dayIn(row.ConditionValidityEndDate)
      if (end) ends.set(String(row.ConditionRecord), end)
    }
  }
  return ends
}
