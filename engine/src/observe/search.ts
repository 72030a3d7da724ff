// The search: any business number, name, the beginning of one or of a word of it, or an id of a system.
import { folded, namesOf, numberOf } from '../kernel/naming.ts'
import type { Plan } from '../kernel/plan.ts'
import type { Query, Tx } from '../store/db.ts'
import { HASHED } from '../store/sealing.ts'
import type { JourneyState } from './filter.ts'
import { type Above, journeysAbove, placesOf, resolve } from './resolve.ts'
import { titleOf } from './words.ts'

export type SearchHit = {
  /** `journey` when the record is the one that started it: its story is meant. */
  readonly kind: 'journey' | 'record'
  readonly contract: string
  readonly ref: string
  readonly title: string
  readonly number: string | null
  readonly journey: string | null
  readonly state: JourneyState | null
  readonly systems: readonly { readonly system: string; readonly object: string; readonly nativeId: string }[]
}

/** Behind everything that begins with a text, in the order of bytes. */
const LAST = '\u{10ffff}'

/**
 * Whole names and ids before what only begins like it, whole names before a later word of one. Uses the primary keys of
 * record, name and link; of names at most `$6` are read. Those of persons are words that nobody can read (`$7`), found whole or by
 * their first letters.
 */
const found: Query = {
  name: 'search-found',
  text: `
    select ref, min(rank) as rank, min(name) as name
    from (
      select coalesce(r.alias_of, f.ref) as ref, f.rank, f.name
      from (
        select ref, 0 as rank, '' as name from record where ref = $1
        union all
        select ref, 0, '' from journey where journey = $1
        union all
        select ref, 1, '' from link where system = any($2::text[]) and object = any($3::text[]) and native_id = $1
        union all
        (select ref, case when name = $4 and whole then 1 when whole then 2 else 3 end, name
         from name
         where name >= $4 and name < $4 || '${LAST}' and ($5::text is null or starts_with(ref, $5))
         order by name
         limit $6)
        union all
        (select ref, case when name = ($7::text[])[1] and whole then 1 else 3 end, name from name
         where name = any($7::text[]) and ($5::text is null or starts_with(ref, $5))
         limit $6)
      ) f
      left join record r on r.ref = f.ref
    ) all_found
    group by ref
    order by rank, name, ref
    limit $6`,
}
type Found = { readonly ref: string; readonly rank: number; readonly name: string }

/** Uses the primary key of record, and link_of. */
const recordsFound: Query = {
  name: 'search-records',
  text: `
    select r.ref, r.contract, r.fields,
           (select coalesce(json_agg(json_build_object('system', l.system, 'object', l.object, 'nativeId', l.native_id) order by l.system), '[]')
            from link l where l.ref = r.ref and l.object = any($2::text[])) as systems
    from record r
    where r.ref = any($1::text[]) and r.version > 0`,
}
type RecordRow = Pick<SearchHit, 'ref' | 'contract' | 'systems'> & { readonly fields: Record<string, unknown> }

export async function searchFor(tx: Tx, plan: Plan, asked: string, limit: number): Promise<SearchHit[]> {
  const refs = await refsFor(tx, plan, asked, limit)
  const rows = await tx.query<RecordRow>(recordsFound, [refs, placesOf(plan).objects])
  const records = new Map(rows.map(row => [row.ref, row]))
  const journeys = Map.groupBy(await journeysAbove(tx, refs), one => one.root)
  return refs.flatMap(ref => {
    const record = records.get(ref)
    return record ? [hitOf(plan, record, journeys.get(ref)?.[0])] : []
  })
}

function hitOf(plan: Plan, { fields, ...record }: RecordRow, journey: Above | undefined): SearchHit {
  const contract = plan.contracts.get(record.contract)
  return {
    kind: journey?.depth === 0 ? 'journey' : 'record',
    contract: record.contract,
    ref: record.ref,
    title: titleOf(plan, record.contract, record.ref, fields),
    number: contract ? numberOf(contract, fields) : null,
    journey: journey?.journey ?? null,
    state: (journey?.state as JourneyState | undefined) ?? null,
    systems: record.systems,
  }
}

/** `order 17` means the order, if there is one; else whatever is called so. */
async function refsFor(tx: Tx, plan: Plan, asked: string, limit: number): Promise<string[]> {
  const text = asked.trim()
  if (text === '') return []
  const { systems, objects } = placesOf(plan)
  const look = async (what: string, contract: string | null): Promise<string[]> =>
    beginningSo(
      tx,
      plan,
      what,
      await tx.query<Found>(found, [
        ...[what, systems, objects, folded(what), contract && `${contract}-`, limit],
        tx.sealing.wordsFor(folded(what)),
      ]),
    )
  const [, first = '', rest = ''] = /^(\S+)\s+(\S.*)$/s.exec(text) ?? []
  const contract = plan.contracts.has(first.toLowerCase()) ? first.toLowerCase() : undefined
  const ofContract = contract === undefined ? [] : await look(rest, contract)
  return [...new Set([...ofContract, ...(await look(text, null))])].slice(0, limit)
}

/** A word stands for the first letters of a name: whether it goes on as was asked, the record says. */
async function beginningSo(tx: Tx, plan: Plan, asked: string, all: readonly Found[]): Promise<string[]> {
  const doubtful = all.filter(({ rank, name }) => rank === 3 && name.startsWith(HASHED)).map(({ ref }) => ref)
  const rows = doubtful.length === 0 ? [] : await tx.query<RecordRow>(recordsFound, [doubtful, []])
  const begins = folded(asked)
  const wrong = new Set(
    rows
      .filter(({ contract, fields }) => {
        const known = plan.contracts.get(contract)
        return known && !namesOf(known, fields).some(({ name }) => name.startsWith(begins))
      })
      .map(({ ref }) => ref),
  )
  return all.map(({ ref }) => ref).filter(ref => !wrong.has(ref))
}

/** So many records are followed to their journeys; whoever sees more than that asks more exactly. */
const MOST_MEANT = 2_000

/** What points to these records, and started a journey. Uses record_about and journey_of. */
const below: Query = {
  name: 'search-below',
  text: `
    select j.journey
    from (select ref from record where about && $1::text[] limit ${MOST_MEANT}) r
    join journey j on j.ref = r.ref`,
}

/**
 * The journeys that a text means: those of what is called exactly so, else of what begins like it. A customer's are those
 * of the records that point to it.
 */
export async function journeysMeant(tx: Tx, plan: Plan, asked: string): Promise<string[]> {
  const text = asked.trim()
  const exact = await resolve(tx, plan, text)
  if (exact.journeys.length > 0) return [...exact.journeys]
  const refs = exact.refs.length > 0 ? exact.refs : await refsFor(tx, plan, text, MOST_MEANT)
  const own = await journeysAbove(tx, refs)
  const followed = new Set(own.map(one => one.root))
  const ends = refs.filter(ref => !followed.has(ref))
  const others = ends.length === 0 ? [] : await tx.query<{ journey: string }>(below, [ends])
  return [...new Set([...own, ...others].map(one => one.journey))]
}
