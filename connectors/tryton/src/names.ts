// What people call by a name or a code, and Tryton by a number: payment terms, warehouses, currencies.
import { Refused } from '@plumbline/sdk'
import type { TrytonApi } from './api.ts'
import { rowsIn } from './values.ts'

type Named = { readonly model: string; readonly by: string; readonly label: string; readonly only?: readonly unknown[] }

export const named = {
  currency: { model: 'currency.currency', by: 'code', label: 'currency' },
  country: { model: 'country.country', by: 'code', label: 'country' },
  paymentTerm: { model: 'account.invoice.payment_term', by: 'name', label: 'payment term' },
  priceList: { model: 'product.price_list', by: 'name', label: 'price list' },
  warehouse: { model: 'stock.location', by: 'code', label: 'warehouse', only: [['type', '=', 'warehouse']] },
} satisfies Record<string, Named>

/** The one with this name. */
export const idOfNamed = (api: TrytonApi, what: Named, name: string): Promise<number> =>
  api.names.of(`${what.model} ${name}`, () => lookedUp(api, what, name))

async function lookedUp(api: TrytonApi, what: Named, name: string): Promise<number> {
  const { context } = await api.company.books()
  const domain = [[what.by, '=', name], ...(what.only ?? [])]
  const { result } = await api.rpc.ask(what.model, 'search_read', [domain, 0, 2, null, ['id']], what.label, context)
  const [one, another] = rowsIn(result)
  if (one && !another) return Number(one.id)
  throw new Refused(
    another ? `Tryton has more than one ${what.label} "${name}"` : `Tryton has no ${what.label} "${name}"`,
    `Enter it in Tryton, or correct what the record says.`,
  )
}

/** The company's own needs no asking. */
export async function currencyOf(api: TrytonApi, code: string | undefined): Promise<{ id: number; code: string }> {
  const { currency, currencyId } = await api.company.books()
  if (code === undefined || code === currency) return { id: currencyId, code: currency }
  return { id: await idOfNamed(api, named.currency, code), code }
}

/** The warehouse that was named, or that of the settings. */
export async function warehouseOf(api: TrytonApi, code: string | undefined): Promise<{ id: number; code: string }> {
  const wanted = code ?? api.settings.warehouse
  if (wanted !== undefined) return { id: await idOfNamed(api, named.warehouse, wanted), code: wanted }
  const { context } = await api.company.books()
  const domain = named.warehouse.only
  const { result } = await api.rpc.ask(
    'stock.location',
    'search_read',
    [domain, 0, 50, null, ['code', 'name']],
    'warehouses',
    context,
  )
  const all = rowsIn(result)
  const [only, another] = all
  // One is the default; of several, Tryton has none.
  if (only && !another) return { id: Number(only.id), code: String(only.code) }
  const known = all.map(({ code, name }) => `${String(code)} (${String(name)})`).join(', ')
  throw new Refused(`No warehouse was named, and Tryton has several: ${known}`, 'Name one, or set `warehouse`.')
}
