// Why a field has its value: the value's way from the person and the system that changed it, what it replaced, what each system
// holds of it now, and who else proposed what. It reads rows that the work left; nothing is written for it.
import type { AnyContract } from '@plumbline/sdk'
import { ownerOf, type Plan } from '../kernel/plan.ts'
import type { Query, Tx } from '../store/db.ts'
import { asToday } from '../store/records.ts'
import { sentenceOf, shortSentence } from './explain-words.ts'
import { type Held, heldOf } from './field-held.ts'
import { currentOf, historyOf, type Taken } from './field-history.ts'
import { knownOf, type Origin, originFollowed, originOf } from './field-origin.ts'
import { type FieldPath, pathsOf, valueAt } from './field-path.ts'
import { type Proposal, proposalsOf } from './field-proposals.ts'
import { splitWords } from './field-split.ts'
import { spanOf } from './field-told.ts'
import { type FieldOwner, refsInValues, valueWords } from './field-words.ts'
import { ownedBy } from './owner-words.ts'
import { calledSo, placesOf } from './resolve.ts'
import { namesOf, titleOf } from './words.ts'

/** A value, and how people write it. */
type Shown = { readonly value: unknown; readonly words: string }

export type RecordNamed = {
  readonly ref: string
  readonly contract: string
  readonly title: string
  readonly version: number
}
/** A value that it had before. */
type Former = Shown &
  Pick<
    Origin,
    | 'version'
    | 'takenAt'
    | 'how'
    | 'system'
    | 'object'
    | 'nativeId'
    | 'change'
    | 'changedAt'
    | 'by'
    | 'isSure'
    | 'journey'
  > & {
    /** "kim.sales changed it in sales on 22 November 2026 at 10:14 UTC". */
    readonly because: string
  }

export type FieldExplained = Shown & {
  readonly record: RecordNamed
  readonly field: string
  readonly label: string
  readonly kind: string
  /** One that a business person understands. */
  readonly sentence: string
  readonly owner: FieldOwner
  /** Null: nobody has given it a value. */
  readonly origin: Origin | null
  readonly replaced: {
    readonly values: readonly Former[]
    /** The version before which the next page begins. */
    readonly next: number | null
  }
  readonly held: readonly (Held & { readonly words: string })[]
  readonly proposed: readonly (Proposal & { readonly words: string; readonly insteadWords: string })[]
}

/** A field of a record in one line. */
type FieldLine = Shown & {
  readonly field: string
  readonly label: string
  readonly owner: FieldOwner
  readonly how: Origin['how'] | null
  readonly system: string | null
  readonly by: string | null
  readonly changedAt: Date | null
  readonly version: number | null
  readonly journey: Origin['journey']
  /** "kim.sales changed it in sales on 22 November 2026 at 10:14 UTC". */
  readonly because: string
}
export type FieldsExplained = { readonly record: RecordNamed; readonly fields: readonly FieldLine[] }

export type ExplainedRecord = {
  readonly ref: string
  readonly contract: string
  readonly contract_version: number
  readonly version: number
  readonly fields: Readonly<Record<string, unknown>>
  readonly sources: Readonly<Record<string, unknown>>
}

/** Uses the primary keys of record, name and link; a merged record stands for the one it became. */
const recordsCalled: Query = {
  name: 'explain-records',
  text: `
    select distinct r.ref, r.contract, r.contract_version, r.version, r.fields, r.sources
    from (
      select ref from record where ref = $1
      union all
      select ref from name where name = any($2) and whole and starts_with(ref, $3)
      union all
      select ref from link where system = any($4::text[]) and object = any($5::text[]) and native_id = $1 and starts_with(ref, $3)
    ) meant
    join record asked on asked.ref = meant.ref
    join record r on r.ref = coalesce(asked.alias_of, asked.ref)
    where r.contract = $6 and r.version > 0
    order by r.ref
    limit 20`,
}

/** The records of a contract that a person means by a number, a name, a ref or an id of a system. */
export async function recordsMeant(
  tx: Tx,
  plan: Plan,
  contract: AnyContract,
  asked: string,
): Promise<ExplainedRecord[]> {
  const { systems, objects } = placesOf(plan)
  const text = asked.trim()
  const name = contract.contract
  const meant = [text, calledSo(tx, text), `${name}-`, systems, objects, name]
  const rows = await tx.query<ExplainedRecord>(recordsCalled, meant)
  return rows.map(row => asToday(tx, row))
}

export const recordNamed = (plan: Plan, contract: AnyContract, record: ExplainedRecord): RecordNamed => ({
  ref: record.ref,
  contract: contract.contract,
  title: titleOf(plan, contract.contract, record.ref, record.fields),
  version: record.version,
})

export async function explainField(
  tx: Tx,
  plan: Plan,
  contract: AnyContract,
  record: ExplainedRecord,
  path: FieldPath,
  { before, limit = 10 }: { readonly before?: number; readonly limit?: number } = {},
): Promise<FieldExplained> {
  // One more than is shown: the value before the last one says where that began.
  const history = await historyOf(tx, record.ref, path, limit + 2)
  const [current] = history.taken
  const [known, held, proposed, split] = await Promise.all([
    knownOf(tx, plan, contract, record, [path], history.taken),
    heldOf(tx, plan, contract, record, path, current),
    proposalsOf(tx, plan, contract, record.ref, path),
    splitWords(tx, contract, record, path, current),
  ])
  const value = valueAt(record.fields, path) ?? null
  const origin = current ? await originFollowed(tx, plan, known, path, current, history.taken[1]) : null
  const page =
    before === undefined
      ? pageOf(history, 1, limit)
      : pageOf(await historyOf(tx, record.ref, path, limit + 1, before), 0, limit)
  const then = before === undefined ? known : await knownOf(tx, plan, contract, record, [path], page.taken)
  const names = await namesOf(
    tx,
    plan,
    refsInValues([
      value,
      ...page.taken.map(one => one.value),
      ...held.map(one => one.value),
      ...proposed.flatMap(one => [one.value, one.instead]),
    ]),
  )
  const shown = (of: unknown): Shown => ({ value: of ?? null, words: valueWords(of, names) })
  const values = page.taken
    .slice(0, limit)
    .map((taken, at) => former(originOf(plan, then, path, taken, page.taken[at + 1]), shown(taken.value)))
  const owner = ownerNow(plan, contract, record.fields, path)
  const heldShown = held.map(one => ({ ...one, words: valueWords(one.value, names) }))
  const older = history.taken[1]
  return {
    record: recordNamed(plan, contract, record),
    field: path.path,
    label: path.label,
    kind: path.field.kind,
    ...shown(value),
    sentence: sentenceOf({
      label: path.label,
      words: valueWords(value, names),
      formerly: older ? valueWords(older.value, names) : null,
      origin,
      owner,
      held: heldShown,
      split,
    }),
    owner,
    origin,
    replaced: { values, next: page.next },
    held: heldShown,
    proposed: proposed.map(one => ({
      ...one,
      words: valueWords(one.value, names),
      insteadWords: valueWords(one.instead, names),
    })),
  }
}

/** Of what was read the values that a page shows, with one more behind them where there is one. */
function pageOf(
  { taken, more }: { readonly taken: readonly Taken[]; readonly more: boolean },
  from: number,
  limit: number,
): { readonly taken: readonly Taken[]; readonly next: number | null } {
  const rest = taken.slice(from)
  const last = rest[limit - 1]
  return { taken: rest, next: last && (rest.length > limit || more) ? last.version : null }
}

function former(origin: Origin, shown: Shown): Former {
  const { version, takenAt, how, system, object, nativeId, change, changedAt, by, isSure, journey } = origin
  return {
    ...shown,
    ...{ version, takenAt, how, system, object, nativeId, change, changedAt, by, isSure, journey },
    because: shortSentence(origin),
  }
}

function ownerNow(
  plan: Plan,
  contract: AnyContract,
  record: Readonly<Record<string, unknown>>,
  { field }: FieldPath,
): FieldOwner {
  const role = field.kind === 'lines' ? undefined : ownerOf(contract, field, record)
  const systems = [...plan.systems.values()].filter(
    system => system.role === role && system.byContract.has(contract.contract),
  )
  return { role: role ?? null, systems: systems.map(system => system.name), rule: ownedBy(field) }
}

/** All fields of a record, one line each. */
export async function explainRecord(
  tx: Tx,
  plan: Plan,
  contract: AnyContract,
  record: ExplainedRecord,
): Promise<FieldsExplained> {
  const paths = pathsOf(contract, record.fields)
  const current = await currentOf(tx, record.ref, paths, record.sources)
  const brought = [...current.values()]
  const known = await knownOf(tx, plan, contract, record, paths, brought, { named: spanOf(brought).named })
  const names = await namesOf(tx, plan, refsInValues(paths.map(path => valueAt(record.fields, path))))
  return {
    record: recordNamed(plan, contract, record),
    fields: paths.map(path => {
      const value = valueAt(record.fields, path) ?? null
      const taken = current.get(path.path)
      const origin = taken ? originOf(plan, known, path, taken, undefined) : null
      return {
        field: path.path,
        label: path.label,
        value,
        words: valueWords(value, names),
        owner: ownerNow(plan, contract, record.fields, path),
        how: origin?.how ?? null,
        system: origin?.system ?? null,
        by: origin?.by ?? null,
        changedAt: origin?.changedAt ?? null,
        version: origin?.version ?? null,
        journey: origin?.journey ?? null,
        because: shortSentence(origin),
      }
    }),
  }
}
