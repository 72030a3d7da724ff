// What Tryton is asked while somebody waits: may this customer order for so much, what does this cost, and when is it there.
import {
  compareMoney,
  count,
  type DateOnly,
  day,
  isDay,
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
import type { TrytonApi } from './api.ts'
import { warehouseOf } from './names.ts'
import { priced } from './prices.ts'
import { dayAsWritten, moneyIn, type Row, rowsIn, textIn } from './values.ts'

/** What a customer without a limit may owe: more than anybody orders. */
const unlimited = '999999999999.99'

export const creditCheck = {
  asks: { customer: lookup('Party', 'Customer'), amount: money('Amount') },
  answers: {
    approved: yesNo('Approved'),
    limit: money('Credit limit'),
    exposure: money('Open already'),
    /** The sentence with which Tryton refuses such an order. */
    says: text('What Tryton says').optional(),
  },
  run: async (api: TrytonApi, { customer, amount }: { readonly customer: string; readonly amount: Money }) => {
    const { context, currency, symbol } = await api.company.books()
    if (currency !== amount.currency)
      throw new Refused(`Credit is kept in ${currency}, not in ${amount.currency}`, 'Ask in that currency.')
    const row = await only(api, 'party.party', customer, ['credit_amount', 'credit_limit_amount', 'rec_name'], context)
    const exposure = moneyIn(row.credit_amount, currency) ?? moneyOf('0', currency)
    const limit = moneyIn(row.credit_limit_amount, currency) ?? moneyOf(unlimited, currency)
    // As Tryton compares them: up to the very limit is within.
    const approved = compareMoney(plus(exposure, amount), limit) <= 0
    const says = approved ? undefined : await refusalOf(api, String(row.rec_name), `${symbol}${limit.amount}`)
    return { approved, limit, exposure, says }
  },
}

/** Tryton keeps its sentences as records, in the languages that it has; what varies stands in them as `%(party)s`. */
async function refusalOf(api: TrytonApi, party: string, limit: string): Promise<string | undefined> {
  const { context } = await api.company.books()
  const named = [
    ['module', '=', 'account_credit_limit'],
    ['fs_id', '=', 'msg_party_credit_limit_amount'],
  ]
  const of = 'its sentences'
  const [known] = rowsIn(
    (await api.rpc.ask('ir.model.data', 'search_read', [named, 0, 1, null, ['db_id']], of, context)).result,
  )
  if (!known) return undefined
  const found = await api.rpc.ask('ir.message', 'read', [[known.db_id], ['text']], of, { ...context, language: 'en' })
  const sentence = textIn(rowsIn(found.result)[0]?.text)
  return sentence?.replace('%(party)s', () => party).replace('%(limit)s', () => limit)
}

/** What several lines cost a customer, each as Tryton would price it in one sale. */
export const price = {
  asks: {
    customer: lookup('Party', 'Customer'),
    /** The answer is in the company's, whatever this says: whoever asks sees by the amounts that it is another. */
    currency: text('Currency').optional(),
    /** Asked for, it stays unsaid: the price lists of Tryton have no end. */
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
      /** As the ERP calls it: `WID-100 Widget 100`. */
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

/** What can be promised of a product out of one warehouse: now, and by the wanted day. */
export const stock = {
  asks: {
    product: lookup('Product', 'Product'),
    quantity: count('Quantity'),
    date: day('Wanted on').optional(),
    /** A warehouse, by its code. */
    plant: text('Plant').optional(),
  },
  answers: {
    now: count('Available now'),
    schedule: listOf('Schedule', { date: day('Date'), quantity: count('Quantity') }),
    by: day('Complete by').optional(),
    plant: text('Plant'),
  },
  run: async (api: TrytonApi, asked: StockAsked) => {
    if (!(asked.quantity > 0)) throw new Refused(`${asked.quantity} is no quantity of ${asked.product}`)
    const warehouse = await warehouseOf(api, asked.plant)
    const today = await todayOf(api)
    const wanted = asked.date !== undefined && asked.date > today ? asked.date : today
    const { context } = await api.company.books()
    // Without a place Tryton answers 0; without what is promised to others, too much.
    const at = (day: DateOnly): Row => ({
      ...context,
      locations: [warehouse.id],
      stock_date_end: dayAsWritten(day),
      forecast: true,
      stock_assign: true,
    })
    const free = async (day: DateOnly) =>
      Number((await only(api, 'product.product', asked.product, ['quantity'], at(day))).quantity)
    const now = Math.max(0, await free(today))
    const then = wanted === today ? now : Math.max(0, await free(wanted))
    return {
      now,
      ...scheduleOf(asked.quantity, { date: today, free: now }, { date: wanted, free: then }),
      plant: warehouse.code,
    }
  },
}

type Point = { readonly date: DateOnly; readonly free: number }

/** What leaves until the wanted day can no longer be promised now; what comes until then can, on that day. */
export function scheduleOf(quantity: number, today: Point, wanted: Point) {
  const first = Math.min(quantity, today.free, wanted.date === today.date ? today.free : wanted.free)
  const all = Math.min(quantity, wanted.free)
  const points = [
    { date: today.date, quantity: Math.max(0, first) },
    { date: wanted.date, quantity: Math.max(0, all - Math.max(0, first)) },
  ]
  const schedule = points.filter(point => point.quantity > 0)
  return { schedule, by: all >= quantity ? schedule.at(-1)?.date : undefined }
}

/** By the server's clock; a company that lives in another zone has its day there. */
async function todayOf(api: TrytonApi): Promise<DateOnly> {
  const { context } = await api.company.books()
  const { date } = await api.rpc.ask('stock.location', 'search', [[], 0, 1, null], 'the day', context)
  const today = new Date(date).toISOString().slice(0, 10)
  if (!isDay(today)) throw new TypeError(`"${today}" is not a day`)
  return today
}

async function only(api: TrytonApi, model: string, id: string, columns: readonly string[], context: Row): Promise<Row> {
  const { result } = await api.rpc.ask(
    model,
    'search_read',
    [[['id', '=', Number(id)]], 0, 1, null, columns],
    model,
    context,
  )
  const [row] = rowsIn(result)
  if (row) return row
  throw new Refused(
    `Tryton has no ${model} with the id ${id}`,
    'It was deleted in Tryton, or belongs to another company.',
  )
}
