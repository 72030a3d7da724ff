// What the body of a question says, checked by the fields that the question declares; records become refs.
import type { Field, Fields } from '@plumbline/sdk'
import type { Plan } from '../kernel/plan.ts'
import { resolve } from '../observe/resolve.ts'
import type { Query, Tx } from '../store/db.ts'
import { linksOf, nativeKey } from '../store/links.ts'
import { type Problem, problem } from './problems.ts'

/** How a record may be named: by our ref, by a business number or name, or by a system's own id. */
type Named = { readonly ref: string } | { readonly number: string } | { readonly system: string; readonly id: string }
type Ref = { readonly contract: string; readonly id: string }
type Row = Readonly<Record<string, unknown>>

export async function questionIn(tx: Tx, plan: Plan, asks: Fields, body: unknown): Promise<Row> {
  if (!isRow(body)) throw wrong('The body', 'is a JSON object')
  return fieldsIn(tx, plan, asks, body, '')
}

async function fieldsIn(tx: Tx, plan: Plan, fields: Fields, row: Row, at: string): Promise<Row> {
  const stranger = Object.keys(row).find(name => !Object.hasOwn(fields, name))
  if (stranger !== undefined)
    throw wrong(`${at}${stranger}`, `is not asked for; there are ${Object.keys(fields).join(', ')}`)
  const values: Record<string, unknown> = {}
  for (const [name, field] of Object.entries<Field<unknown>>(fields)) {
    const value = row[name]
    if (value !== undefined && value !== null) values[name] = await valueIn(tx, plan, field, value, `${at}${name}`)
    else if (!field.isOptional) throw wrong(`${at}${name}`, `is missing: ${field.label}`)
  }
  return values
}

async function valueIn(tx: Tx, plan: Plan, field: Field<unknown>, value: unknown, at: string): Promise<unknown> {
  if (field.kind === 'ref') return refIn(tx, plan, field.to ?? '', value, at)
  if (field.kind !== 'list') return plainIn(field, value, at)
  if (!Array.isArray(value) || value.length === 0) throw wrong(at, 'is a list that is not empty')
  if (value.length > mostEntries) throw wrong(at, `has ${value.length} entries, more than ${mostEntries}`)
  const entries: Row[] = []
  for (const [n, entry] of value.entries()) {
    if (!isRow(entry)) throw wrong(`${at}.${n}`, 'is an object')
    entries.push(await fieldsIn(tx, plan, field.of ?? {}, entry, `${at}.${n}.`))
  }
  return entries
}

const mostEntries = 500

function plainIn(field: Field<unknown>, value: unknown, at: string): unknown {
  switch (field.kind) {
    case 'count':
      if (typeof value === 'number' && Number.isFinite(value)) return value
      throw wrong(at, 'is a number')
    case 'yesNo':
      if (typeof value === 'boolean') return value
      throw wrong(at, 'is true or false')
    case 'money':
      if (isRow(value) && isAmount(value.amount) && isCurrency(value.currency))
        return { amount: value.amount, currency: value.currency }
      throw wrong(at, 'is money, as {"amount":"12.50","currency":"EUR"}')
    case 'day':
      if (typeof value === 'string' && isDay(value)) return value
      throw wrong(at, 'is a day, as "2026-11-22"')
    case 'oneOf':
      if (typeof value === 'string' && field.values.includes(value)) return value
      throw wrong(at, `is one of ${field.values.join(', ')}`)
    default:
      if (typeof value === 'string' && value !== '' && value.length <= 1_000 && !value.includes('\u0000')) return value
      throw wrong(at, 'is a text')
  }
}

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value)
const isAmount = (value: unknown): value is string =>
  typeof value === 'string' && /^-?\d{1,15}(\.\d{1,9})?$/.test(value)
const isCurrency = (value: unknown): value is string => typeof value === 'string' && /^[A-Z]{3}$/.test(value)
const isDay = (value: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(value) && new Date(`${value}T00:00:00Z`).toJSON()?.startsWith(value) === true

// ---- records

/** Uses the primary key of record; a merged record stands for the one it became. */
const recordsOf: Query = {
  name: 'question-records',
  text: `select distinct coalesce(alias_of, ref) as ref from record where ref = any($1::text[]) and contract = $2 order by ref`,
}

async function refIn(tx: Tx, plan: Plan, contract: string, value: unknown, at: string): Promise<Ref> {
  const named = nameOf(value)
  if (!named) throw wrong(at, 'names a record, as {"number":"10100001"}, {"system":"sales","id":"001…"} or {"ref":"…"}')
  const candidates = await candidatesOf(tx, plan, contract, named, at)
  const refs = candidates.length === 0 ? [] : await tx.query<{ ref: string }>(recordsOf, [candidates, contract])
  const [found, ...others] = refs
  if (!found) throw unknownRecord(contract, named, at)
  if (others.length > 0)
    throw problem(
      'record-unknown',
      `${at}: ${refs.length} records of "${contract}" are called ${wordsOf(named)}.`,
      'Name one of them by its ref.',
      { at, refs: refs.map(({ ref }) => ref) },
    )
  return { contract, id: found.ref }
}

/** A mere text is a number, a name, a ref or an id: whatever is found. */
function nameOf(value: unknown): Named | undefined {
  if (isName(value)) return { number: value }
  if (!isRow(value)) return undefined
  const { ref, number, system, id } = value
  if (Object.keys(value).length === 1) return isName(ref) ? { ref } : isName(number) ? { number } : undefined
  return Object.keys(value).length === 2 && isName(system) && isName(id) ? { system, id } : undefined
}
const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= 200 && !value.includes('\u0000')

async function candidatesOf(
  tx: Tx,
  plan: Plan,
  contract: string,
  named: Named,
  at: string,
): Promise<readonly string[]> {
  if ('ref' in named) return [named.ref]
  if ('number' in named) return (await resolve(tx, plan, named.number)).refs
  const { system, id } = named
  const known = plan.systems.get(system)
  if (!known) throw wrong(at, `names the system "${system}"; there are ${[...plan.systems.keys()].join(', ')}`)
  const object = known.byContract.get(contract)?.object
  if (object === undefined) throw wrong(at, `is a ${contract}, and "${system}" has none`)
  const key = { system, object, native_id: id }
  const ref = (await linksOf(tx, [key])).get(nativeKey(key))
  return ref === undefined ? [] : [ref]
}

const wordsOf = (named: Named): string =>
  'ref' in named ? `"${named.ref}"` : 'number' in named ? `"${named.number}"` : `"${named.id}" in ${named.system}`

const unknownRecord = (contract: string, named: Named, at: string): Problem =>
  problem(
    'record-unknown',
    `${at}: no ${contract} is known as ${wordsOf(named)}.`,
    'system' in named
      ? `Give the whole id as ${named.system} shows it; what was made there just now is known within a second.`
      : 'Give its number or name word for word, its ref, or a system and its id there.',
    { at, contract },
  )

const wrong = (at: string, what: string): Problem => problem('bad-request', `${at} ${what}.`)
