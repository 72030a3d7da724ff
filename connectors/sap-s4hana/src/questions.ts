// What S/4HANA is asked while somebody waits: may this customer order for so much, what does this cost, and when is it there.
import {
  compareMoney,
  count,
  type DateOnly,
  day,
  listOf,
  lookup,
  type Money,
  money,
  moneyOf,
  plus,
  Refused,
  text,
  yesNo,
} from '@plumbline/sdk'
import type { S4Api } from './api.ts'
import { dayIn, dayOf, isRow, quoted, type Row, rowsIn } from './odata.ts'
import { priced } from './prices.ts'
import { addressOf } from './write.ts'

/** What a customer without a limit may owe: more than anybody orders. */
const unlimited = '999999999999.99'
const creditSegment = '0000'

export const creditCheck = {
  asks: { customer: lookup('BusinessPartner', 'Customer'), amount: money('Amount') },
  answers: {
    approved: yesNo('Approved'),
    limit: money('Credit limit'),
    exposure: money('Open already'),
    /** It answers with figures, and stays silent. */
    says: text('What S/4HANA says').optional(),
  },
  run: async (api: S4Api, { customer, amount }: { readonly customer: string; readonly amount: Money }) => {
    const key = { CreditMgmtBusinessPartner: customer, CreditSegment: creditSegment }
    const { json } = await api.http.get(
      'API_CRDTMBUSINESSPARTNER',
      addressOf('A_CreditMgmtAccount', key),
      'credit account',
    )
    const account = isRow(json) && isRow(json.d) ? json.d : {}
    const currency = String(account.CreditSegmentCurrency)
    if (currency !== amount.currency) {
      throw new Refused(
        `Credit of customer ${customer} is kept in ${currency}, not in ${amount.currency}`,
        'Ask in that currency.',
      )
    }
    const exposure = moneyOf(String(account.CreditExposureAmount ?? '0'), currency)
    const limit = moneyOf(
      account.CreditLimitIsUnlimited === true ? unlimited : String(account.CreditLimitAmount ?? '0'),
      currency,
    )
    const isWithin = compareMoney(plus(exposure, amount), limit) <= 0
    return { approved: isWithin && account.CreditAccountIsBlocked !== true, limit, exposure, says: undefined }
  },
}

/** What several lines cost a customer, each as the system would price it in one order. */
export const price = {
  asks: {
    customer: lookup('BusinessPartner', 'Customer'),
    /** The system refuses when it has no prices in it; without one it is the customer's. */
    currency: text('Currency').optional(),
    /** Whether it is asked until when the prices hold: that is one more call. */
    validity: yesNo('Say until when the prices hold').optional(),
    lines: listOf('Lines', {
      /** How whoever asks calls the line; without it lines are 1, 2, 3. */
      line: text('Line').optional(),
      product: lookup('Product', 'Product'),
      quantity: count('Quantity'),
      date: day('Priced for').optional(),
    }),
  },
  answers: {
    net: money('Net'),
    tax: money('Tax'),
    lines: listOf('Lines', {
      line: text('Line'),
      /** As the ERP calls it: `TG12 Control panel`. */
      product: text('Product'),
      quantity: count('Quantity'),
      unit: money('Unit price'),
      net: money('Net'),
      tax: money('Tax'),
      conditions: text('How it comes about'),
      until: day('Valid until').optional(),
    }),
  },
  run: priced,
}

type StockAsked = {
  readonly product: string
  readonly quantity: number
  readonly date?: DateOnly
  readonly plant?: string
}

/** What can be promised of a product: now, and by which day how much of the quantity. */
export const stock = {
  asks: {
    product: lookup('Product', 'Product'),
    quantity: count('Quantity'),
    date: day('Wanted on').optional(),
    plant: text('Plant').optional(),
  },
  answers: {
    now: count('Available now'),
    schedule: listOf('Schedule', { date: day('Date'), quantity: count('Quantity') }),
    by: day('Complete by').optional(),
    plant: text('Plant'),
  },
  run: async (api: S4Api, asked: StockAsked) => {
    const plant = asked.plant ?? api.settings.plant
    if (!plant) throw new Refused('S/4HANA keeps stock by plant, and none was named', 'Name one, or set `plant`.')
    if (!(asked.quantity > 0)) throw new Refused(`${asked.quantity} is no quantity of ${asked.product}`)
    const parameters = `ATPCheckingRule='A'&Material=${quotedIn(asked.product)}&SupplyingPlant=${quotedIn(plant)}`
    const { json, date } = await api.http.get(
      'API_PRODUCT_AVAILY_INFO_BASIC',
      `CalculateAvailabilityTimeseries?${parameters}`,
      `availability of ${asked.product}`,
    )
    const series = rowsIn(isRow(json) ? json.d : undefined).flatMap(pointsIn)
    const [first] = series
    if (!first) throw new Refused(`S/4HANA says nothing of the availability of ${asked.product} in plant ${plant}`)
    const today = dayOf(date) ?? first.date
    const from = asked.date !== undefined && asked.date > today ? asked.date : today
    return { now: Math.max(0, first.free), ...scheduleOf(series, asked.quantity, from), plant }
  },
}

type Point = { readonly date: DateOnly; readonly free: number }
const quotedIn = (value: string): string => encodeURIComponent(quoted(value))
const pointsIn = (row: Row): readonly Point[] => {
  const date = dayIn(row.ProductAvailabilityUTCDateTime)
  return date === undefined ? [] : [{ date, free: Number(row.AvailableQuantityInBaseUnit) }]
}

/** Each point says what is free by then in all; what comes on a day is what is more than before. */
export function scheduleOf(series: readonly Point[], quantity: number, from: DateOnly) {
  const byDay = new Map<DateOnly, number>()
  let promised = 0
  for (const { date, free } of series.toSorted((a, b) => (a.date < b.date ? -1 : 1))) {
    const more = rounded(Math.min(free, quantity) - promised)
    if (more <= 0) continue
    const on = date > from ? date : from
    byDay.set(on, rounded((byDay.get(on) ?? 0) + more))
    promised = rounded(promised + more)
  }
  const schedule = [...byDay].map(([date, quantity]) => ({ date, quantity }))
  return { schedule, by: promised >= quantity ? schedule.at(-1)?.date : undefined }
}

/** Quantities have three decimals. */
const rounded = (quantity: number): number => Math.round(quantity * 1_000) / 1_000
