// Parties: one record of ours, in Tryton a party with addresses and ways to reach it. Its code is unique, so it is the key.
import type { Native, NativeId, Observation, Write, WriteEnd } from '@plumbline/sdk'
import type { TrytonApi } from './api.ts'
import { changedMeanwhile } from './ends.ts'
import { nativeId, observationOf } from './entity.ts'
import { idOfNamed, named } from './names.ts'
import { addressOf, emailOf, entities } from './objects.ts'
import { rowsWhere } from './read.ts'
import { amountIn, decimal, type Row } from './values.ts'
import { act, attempt, notThere, refusedHere, standing, writtenNow } from './write.ts'

const entity = entities.Party
const address = ['street', 'postal_code', 'city', 'country'] as const

export const writeParty = (api: TrytonApi, write: Write): Promise<WriteEnd> =>
  attempt(() => {
    if (write.close) return deactivate(api, write)
    return write.id === undefined ? create(api, write) : change(api, write, write.id)
  })

async function create(api: TrytonApi, write: Write): Promise<WriteEnd> {
  if (typeof write.fields.code !== 'string' || write.fields.code === '')
    return refusedHere('Party', 'without a code it could not be found again if no answer came', 'Map the field.')
  const [known] = (await findParties(api, [write]))[0] ?? []
  if (known) return writtenNow(api, entity, known.id)
  const outcome = await act(api, {
    ...{ model: 'party.party', method: 'create', of: `Party ${write.fields.code}` },
    params: [[await valuesOf(api, write.fields, undefined)]],
    mayStillSend: write.mayStillSend,
  })
  if (!outcome.ok) return outcome.end
  const [id] = Array.isArray(outcome.result) ? outcome.result : []
  if (typeof id !== 'number')
    return { end: 'unknown', reason: 'Tryton, Party: the answer to the create names no party' }
  return writtenNow(api, entity, nativeId(id))
}

export async function findParties(
  api: TrytonApi,
  writes: readonly Write[],
): Promise<readonly (readonly Observation[])[]> {
  const books = await api.company.books()
  const codes = [...new Set(writes.map(({ fields }) => fields.code).filter(code => typeof code === 'string'))]
  const rows = codes.length === 0 ? [] : await rowsWhere(api, entity, [['code', 'in', codes]], codes.length)
  const found = rows.map(row => observationOf(entity, row, books))
  return writes.map(({ fields }) => found.filter(party => party.fields.code === fields.code))
}

/** The party, its address and its e-mail are one transaction. */
async function change(api: TrytonApi, write: Write, id: NativeId): Promise<WriteEnd> {
  const now = await standing(api, entity, id, write.token)
  if (!now) return notThere('Party', id)
  const of = `Party ${String(now.row.code)}`
  if (now.isStale) return changedMeanwhile(of)
  const outcome = await act(api, {
    ...{ model: 'party.party', method: 'write', of },
    params: [[Number(id)], await valuesOf(api, write.fields, now.row)],
    mayStillSend: write.mayStillSend,
    stamps: now.stamps,
  })
  return outcome.ok ? writtenNow(api, entity, id) : outcome.end
}

/** Tryton deletes no party that was ever used: closed or deleted elsewhere, it is no longer active here. */
const deactivate = async (api: TrytonApi, { id, mayStillSend }: Write): Promise<WriteEnd> =>
  id === undefined
    ? refusedHere('Party', 'one that was never created cannot be closed', 'Nothing is to be done.')
    : change(api, { key: '', id, fields: { active: false }, lists: {}, ...(mayStillSend && { mayStillSend }) }, id)

async function valuesOf(api: TrytonApi, fields: Native, row: Row | undefined): Promise<Row> {
  const { credit_limit_amount: limit, customer_payment_term: term, sale_price_list: list, email, ...rest } = fields
  const own = Object.entries(rest).filter(
    ([name, value]) => value !== undefined && !address.some(one => one === name) && name !== 'tax_identifier',
  )
  const place = await addressValues(api, fields)
  return {
    ...Object.fromEntries(own),
    ...(limit !== undefined && { credit_limit_amount: await limitOf(api, limit) }),
    ...(term !== undefined && {
      customer_payment_term: term === null ? null : await idOfNamed(api, named.paymentTerm, String(term)),
    }),
    ...(list !== undefined && {
      sale_price_list: list === null ? null : await idOfNamed(api, named.priceList, String(list)),
    }),
    ...(Object.keys(place).length > 0 && { addresses: [inPlaceOf(row && addressOf(row), place)] }),
    ...(email !== undefined && { contact_mechanisms: emailOperations(row && emailOf(row), email) }),
  }
}

const inPlaceOf = (known: Row | undefined, values: Row): unknown =>
  known ? ['write', [Number(known.id)], values] : ['create', [values]]

function emailOperations(known: Row | undefined, email: unknown): readonly unknown[] {
  if (email === null || email === '') return known ? [['delete', [Number(known.id)]]] : []
  return [inPlaceOf(known, { type: 'email', value: email })]
}

async function addressValues(api: TrytonApi, fields: Native): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = {}
  for (const name of address) {
    const value = fields[name]
    if (value === undefined) continue
    values[name] = name === 'country' && typeof value === 'string' ? await idOfNamed(api, named.country, value) : value
  }
  return values
}

/** The limit is kept in the company's currency. */
async function limitOf(api: TrytonApi, limit: unknown): Promise<unknown> {
  const amount = amountIn(limit)
  if (!amount) return null
  const { currency } = await api.company.books()
  if (amount.currency !== currency)
    throw new TypeError(`A credit limit in ${amount.currency}, where books are in ${currency}`)
  return decimal(amount.amount)
}
