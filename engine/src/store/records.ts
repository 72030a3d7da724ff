// Records, their versions and what each system holds of them. All sets are locked in the order of their refs.
import { isDeepStrictEqual } from 'node:util'
import type { Name } from '../kernel/naming.ts'
import type { StoredHolding, StoredRecord } from '../kernel/rows.ts'
import { asStored, type Upgraded } from '../kernel/upgrade.ts'
import type { Query, Tx } from './db.ts'

const ensure = {
  name: 'records-ensure',
  text: `insert into record (ref, contract, contract_version)
         select distinct on (ref) ref, contract, v from unnest($1::text[], $2::text[], $3::int[]) as r(ref, contract, v) order by ref
         on conflict (ref) do nothing`,
}
const lock = {
  name: 'records-lock',
  text: `select ref, contract, contract_version, version, fields, born, born_in, alias_of from record where ref = any($1) order by ref for update`,
}

/** Makes sure the records exist and locks them, in the order of refs, until the transaction ends. */
export async function lockRecords(
  tx: Tx,
  wanted: readonly { ref: string; contract: string; contractVersion: number }[],
): Promise<Map<string, StoredRecord>> {
  const refs = [...new Set(wanted.map(one => one.ref))]
  let rows = await tx.query<StoredRecord>(lock, [refs])
  if (rows.length < refs.length) {
    const found = new Set(rows.map(row => row.ref))
    const missing = wanted.filter(one => !found.has(one.ref))
    await tx.query(ensure, [missing.map(m => m.ref), missing.map(m => m.contract), missing.map(m => m.contractVersion)])
    rows = await tx.query<StoredRecord>(lock, [refs])
  }
  return new Map((await broughtUp(tx, rows)).map(row => [row.ref, row]))
}

/** A record of an older version of its contract, as one of today; any other as it is. */
export function asToday<R extends Pick<StoredRecord, 'contract' | 'contract_version' | 'fields'>>(tx: Tx, row: R): R {
  const upgraded = tx.today?.upgrade(row)
  return upgraded ? { ...row, fields: upgraded.fields, contract_version: upgraded.contract_version } : row
}

const bringUp = {
  name: 'records-upgrade',
  text: `update record set version = x.version, contract_version = x.contract_version, fields = x.fields,
           sources = record.sources || x.sources, about = array(select jsonb_array_elements_text(x.about))
         from jsonb_to_recordset($1::jsonb) as x(ref text, version int, contract_version int, fields jsonb, sources jsonb, about jsonb)
         where record.ref = x.ref`,
}

/** Whoever is about to change a record first makes it one of today: quietly, as a version that says so. */
async function broughtUp(tx: Tx, rows: readonly StoredRecord[]): Promise<StoredRecord[]> {
  const upgraded = rows.flatMap(row => {
    const today = row.version > 0 ? tx.today?.upgrade(row) : undefined
    return today ? [{ row, today, version: row.version + 1 }] : []
  })
  if (upgraded.length === 0) return [...rows]
  const older = await sealedUpgrades(tx, upgraded)
  const updates = older.map(({ row: { ref }, today, version }) => ({
    ...{ ref, version, contract_version: today.contract_version, fields: today.fields, about: today.about },
    sources: sourcesOf({ version, delta: today.delta }),
  }))
  await tx.query(bringUp, [JSON.stringify(updates)])
  await writeNames(
    tx,
    older.map(({ row: { ref }, today: { formerNames } }) => ({ ref, names: [], formerNames })),
  )
  await writeNames(
    tx,
    older.map(({ row: { ref }, today: { names } }) => ({ ref, names, formerNames: [] })),
  )
  await appendVersions(
    tx,
    older.map(({ row, today, version }) => ({
      ...{ ref: row.ref, version, delta: today.delta, quiet: true },
      cause: {
        by: `version ${today.contract_version} of the contract`,
        upgraded: { from: row.contract_version, to: today.contract_version },
      },
    })),
  )
  const now = new Map(
    upgraded.map(({ row, today: { fields, contract_version }, version }) => [
      row.ref,
      { ...row, version, fields, contract_version },
    ]),
  )
  return rows.map(row => now.get(row.ref) ?? row)
}

type Upgrade = { readonly row: StoredRecord; readonly today: Upgraded; readonly version: number }
async function sealedUpgrades(tx: Tx, all: readonly Upgrade[]): Promise<readonly Upgrade[]> {
  const versions = all.map(({ row: { ref, contract }, today }) => ({ ...today, ref, contract }))
  const sealed = await tx.sealing.versions(versions)
  return all.map((one, i) => ({ ...one, today: sealed[i] ?? one.today }))
}

const share = {
  name: 'records-share',
  text: `select ref, contract, contract_version, version, fields, born, born_in, alias_of from record where ref = any($1) order by ref for share`,
}
/** Reads records so that nobody changes them before we commit: the other half of "no lost wake-up". */
export const shareRecords = (tx: Tx, refs: readonly string[]): Promise<StoredRecord[]> => readAs(tx, share, [refs])

const readAs = async (tx: Tx, query: Query, values: readonly unknown[]): Promise<StoredRecord[]> =>
  (await tx.query<StoredRecord>(query, values)).map(row => asToday(tx, row))

const read = {
  name: 'records-read',
  text: `select ref, contract, contract_version, version, fields, born, born_in, alias_of from record where ref = any($1)`,
}
export const readRecords = (tx: Tx, refs: readonly string[]): Promise<StoredRecord[]> => readAs(tx, read, [refs])

const survivors = {
  name: 'records-survivors',
  text: `select asked.ref as asked, r.ref, r.contract, r.contract_version, r.version, r.fields, r.born, r.born_in, r.alias_of
         from (select ref, coalesce(alias_of, ref) as survivor from record where ref = any($1) offset 0) asked
         join record r on r.ref = asked.survivor`,
}
/** The records, or those that they were merged into, by the refs asked for. */
export async function readSurvivors(tx: Tx, refs: readonly string[]): Promise<Map<string, StoredRecord>> {
  const rows = await tx.query<StoredRecord & { asked: string }>(survivors, [refs])
  return new Map(rows.map(({ asked, ...record }) => [asked, asToday(tx, record)]))
}

const findAlias = { name: 'records-alias', text: 'select coalesce(alias_of, ref) as ref from record where ref = $1' }
/** The surviving ref of a record that may have been merged into another. */
export const resolved = async (tx: Tx, ref: string): Promise<string> =>
  (await tx.query<{ ref: string }>(findAlias, [ref]))[0]?.ref ?? ref

const about = {
  name: 'records-about',
  text: `select ref, contract, contract_version, version, fields, born, born_in, alias_of from record where about @> array[$1] and contract = $2 and alias_of is null order by ref`,
}
/** The records of a contract that point to a ref. */
export const recordsAbout = (tx: Tx, ref: string, contract: string): Promise<StoredRecord[]> =>
  readAs(tx, about, [ref, contract])

export type Changed = {
  readonly ref: string
  readonly contract: string
  readonly version: number
  readonly fields: Readonly<Record<string, unknown>>
  readonly about: readonly string[]
  readonly names: readonly Name[]
  /** The names before this version. */
  readonly formerNames: readonly Name[]
  readonly born: boolean
  /** What changed; null was cleared. */
  readonly delta: Readonly<Record<string, unknown>>
  readonly cause: object
  readonly quiet: boolean
}
const update = {
  name: 'records-update',
  text: `update record set version = x.version, born = x.born, at = clock_timestamp(),
           contract_version = x.contract_version,
           fields = case when x.unset is null then record.fields || x.set else (record.fields || x.set) - array(select jsonb_array_elements_text(x.unset)) end,
           sources = record.sources || x.sources,
           about = case when x.about is null then '{}' else array(select jsonb_array_elements_text(x.about)) end
         from jsonb_to_recordset($1::jsonb) as x(ref text, contract_version int, version int, set jsonb, unset jsonb, sources jsonb, about jsonb, born boolean)
         where record.ref = x.ref`,
}
const addVersions = {
  name: 'record-versions-add',
  text: `insert into record_version (ref, version, fields, cause, quiet)
         select ref, version, delta, cause, quiet from jsonb_to_recordset($1::jsonb) as x(ref text, version int, delta jsonb, cause jsonb, quiet boolean)`,
}
/**
 * Appends the new versions of records, which must be locked, each with what changed and its cause, and brings each
 * record's row to its last one. Only what changed is sent.
 */
export async function writeVersions(tx: Tx, all: readonly Changed[]): Promise<void> {
  if (all.length === 0) return
  const changed = await tx.sealing.versions(all)
  const updates = [...Map.groupBy(changed, one => one.ref).values()].map(versions => {
    const { ref, contract, version, fields, about, born } = versions.at(-1) as Changed
    const touched = [...new Set(versions.flatMap(one => Object.keys(one.delta)))]
    const unset = touched.filter(name => fields[name] === undefined)
    return {
      ref,
      contract_version: (tx.today ?? asStored).versionOf(contract),
      version,
      set: Object.fromEntries(touched.map(name => [name, fields[name]])),
      ...(unset.length > 0 && { unset }),
      sources: Object.assign({}, ...versions.map(sourcesOf)),
      ...(about.length > 0 && { about }),
      born,
    }
  })
  await tx.query(update, [JSON.stringify(updates)])
  await writeNames(tx, changed)
  await appendVersions(tx, changed)
}

/** Field → the version that brought its value; the version says the rest. */
const sourcesOf = ({ version, delta }: Pick<Changed, 'version' | 'delta'>): Record<string, number> =>
  Object.fromEntries(Object.keys(delta).map(name => [name, version]))

const dropNames = {
  name: 'names-drop',
  text: 'delete from name n using unnest($1::text[], $2::text[]) as old(name, ref) where n.name = old.name and n.ref = old.ref',
}
const addNames = {
  name: 'names-add',
  text: `insert into name (name, ref, whole) select * from unnest($1::text[], $2::text[], $3::boolean[]) as n(name, ref, whole) order by name, ref
         on conflict (name, ref) do update set whole = excluded.whole`,
}
type Renamed = Pick<Changed, 'ref' | 'names' | 'formerNames'>

/** Most changes leave the names as they are, and cost nothing here. Versions of one record stand in their order. */
async function writeNames(tx: Tx, changed: readonly Renamed[]): Promise<void> {
  const renamed = [...Map.groupBy(changed, one => one.ref)].map(([ref, versions]) => ({
    ref,
    names: versions.at(-1)?.names ?? [],
    formerNames: versions[0]?.formerNames ?? [],
  }))
  const missing = (from: readonly Name[], { name, whole }: Name): boolean =>
    !from.some(other => other.name === name && other.whole === whole)
  const gone = renamed.flatMap(({ ref, names, formerNames }) =>
    formerNames.filter(old => !names.some(({ name }) => name === old.name)).map(({ name }) => ({ ref, name })),
  )
  const come = renamed.flatMap(({ ref, names, formerNames }) =>
    names.filter(name => missing(formerNames, name)).map(name => ({ ref, ...name })),
  )
  if (gone.length > 0) await tx.query(dropNames, [gone.map(one => one.name), gone.map(one => one.ref)])
  if (come.length > 0)
    await tx.query(addNames, [come.map(one => one.name), come.map(one => one.ref), come.map(one => one.whole)])
}

type Appended = Pick<Changed, 'ref' | 'version' | 'delta' | 'cause' | 'quiet'>
async function appendVersions(tx: Tx, changed: readonly Appended[]): Promise<void> {
  if (changed.length === 0) return
  const versions = changed.map(({ ref, version, delta, cause, quiet }) => ({ ref, version, delta, cause, quiet }))
  await tx.query(addVersions, [JSON.stringify(versions)])
}

const bear = {
  name: 'records-bear',
  text: `insert into record (ref, contract, contract_version, version, fields, sources, about, born, born_in)
         select ref, contract, "contractVersion", version, fields, sources, array(select jsonb_array_elements_text(about)), born, "bornIn"
         from jsonb_to_recordset($1::jsonb) as x(ref text, contract text, "contractVersion" int, version int, fields jsonb, sources jsonb, about jsonb, born boolean, "bornIn" text)
         order by ref
         on conflict (ref) do update set version = excluded.version, contract_version = excluded.contract_version, fields = excluded.fields, sources = excluded.sources,
           about = excluded.about, born = excluded.born, born_in = excluded.born_in, at = clock_timestamp()
         where record.version = 0
         returning ref`,
}
/** Writes the first version of records; answers those that had none yet. */
export async function bearRecords(
  tx: Tx,
  all: readonly (Changed & { readonly contractVersion: number; readonly bornIn: string | undefined })[],
): Promise<ReadonlySet<string>> {
  const records = await tx.sealing.versions(all)
  const fresh = records.map(({ cause: _, quiet: __, names: ___, formerNames: ____, delta, ...record }) => ({
    ...record,
    sources: sourcesOf({ version: record.version, delta }),
  }))
  const born = new Set((await tx.query<{ ref: string }>(bear, [JSON.stringify(fresh)])).map(row => row.ref))
  const mine = records.filter(record => born.has(record.ref))
  await writeNames(tx, mine)
  await appendVersions(tx, mine)
  return born
}

const readHoldings = {
  name: 'holdings-read',
  text: `select h.ref, h.system, object, native_id, native, position, field_positions, token, accepted, gone, answered, h.at
         from unnest($1::text[], $2::text[]) as asked(ref, system) join holding h on h.ref = asked.ref and h.system = asked.system`,
}
export async function holdingsOf(
  tx: Tx,
  asked: readonly { ref: string; system: string }[],
): Promise<Map<string, StoredHolding>> {
  if (asked.length === 0) return new Map()
  const rows = await tx.query<StoredHolding>(readHoldings, [asked.map(a => a.ref), asked.map(a => a.system)])
  return new Map(rows.map(row => [holdingKey(row), row]))
}

const readPlaces = {
  name: 'holdings-places',
  // One way through the holdings of each record: what the asked system holds, and of the others only that they do.
  text: `select h.ref, h.system, h.gone, own.*
         from unnest($1::text[], $2::text[]) as asked(ref, system) join holding h on h.ref = asked.ref
         left join lateral (
           select h.object, h.native_id, h.native, h.position, h.field_positions, h.token, h.accepted, h.answered, h.at where h.system = asked.system
         ) own on true
         order by h.ref, h.system`,
}
/** What these systems hold of these records, and in which systems each record is, or was and is no more. */
export type Places = {
  readonly holdings: ReadonlyMap<string, StoredHolding>
  heldIn(ref: string): readonly string[]
  goneFrom(ref: string): readonly string[]
}
export async function placesOf(tx: Tx, asked: readonly { ref: string; system: string }[]): Promise<Places> {
  const rows =
    asked.length === 0
      ? []
      : await tx.query<StoredHolding>(readPlaces, [asked.map(a => a.ref), asked.map(a => a.system)])
  const places = Map.groupBy(rows, row => row.ref)
  const systems = (ref: string, gone: boolean): readonly string[] => [
    ...new Set(places.get(ref)?.flatMap(place => (place.gone === gone ? [place.system] : []))),
  ]
  return {
    holdings: new Map(rows.flatMap(row => (row.native_id === null ? [] : [[holdingKey(row), row]]))),
    heldIn: ref => systems(ref, false),
    goneFrom: ref => systems(ref, true),
  }
}

export const holdingKey = (of: { ref: string; system: string }): string => `${of.ref}\u0000${of.system}`

const upsertHoldings = {
  name: 'holdings-write',
  text: `insert into holding (ref, system, object, native_id, native, position, field_positions, token, accepted, gone, answered)
         select ref, system, object, native_id, native, position, field_positions, token, accepted, gone, answered
         from jsonb_to_recordset($1::jsonb) as x(ref text, system text, object text, native_id text, native jsonb, position jsonb, field_positions jsonb, token text, accepted jsonb, gone boolean, answered boolean)
         on conflict (ref, system) do update set object = excluded.object, native_id = excluded.native_id, native = excluded.native,
           position = excluded.position, field_positions = excluded.field_positions, token = excluded.token,
           accepted = excluded.accepted, gone = excluded.gone, answered = excluded.answered, at = clock_timestamp()`,
}
const changeHoldings = {
  name: 'holdings-change',
  text: `update holding h set object = x.object, native_id = x.native_id, token = x.token, gone = x.gone, answered = x.answered,
           position = coalesce(x.position, h.position), native = case when x.native is null then h.native else h.native || x.native end,
           field_positions = case when x.field_positions is null then h.field_positions else h.field_positions || x.field_positions end,
           accepted = case when x.accepted is null then h.accepted else h.accepted || x.accepted end, at = clock_timestamp()
         from jsonb_to_recordset($1::jsonb) as x(ref text, system text, object text, native_id text, native jsonb, position jsonb, field_positions jsonb, token text, accepted jsonb, gone boolean, answered boolean)
         where h.ref = x.ref and h.system = x.system`,
}
export type HoldingChange = { readonly before: StoredHolding | undefined; readonly after: StoredHolding }
/** Writes holdings whose records are locked. Of one that only gained or changed fields, only those are sent. */
export async function writeHoldings(tx: Tx, changes: readonly HoldingChange[]): Promise<void> {
  const partial = changes.map(change => changedPart(change))
  const whole = changes.filter((_, i) => partial[i] === undefined).map(({ after }) => after)
  const parts = partial.filter(part => part !== undefined)
  if (whole.length > 0) await tx.query(upsertHoldings, [JSON.stringify(await tx.sealing.holdings(whole))])
  if (parts.length > 0) await tx.query(changeHoldings, [JSON.stringify(await tx.sealing.holdings(parts))])
}

type Part = Pick<StoredHolding, 'ref' | 'system' | 'object'> & {
  readonly native?: Entries
  readonly accepted?: Entries
}
/** A holding reduced to what differs from before; nothing when something was taken away, or it is new. */
function changedPart({ before, after }: HoldingChange): Part | undefined {
  if (!before) return undefined
  const native = gained(before.native, after.native)
  const field_positions = gained(before.field_positions, after.field_positions)
  const accepted = gained(before.accepted, after.accepted)
  if (!native || !field_positions || !accepted) return undefined
  const { ref, system, object, native_id, token, gone, answered } = after
  return {
    ...{ ref, system, object, native_id, token, gone, answered },
    ...(!same(before.position, after.position) && { position: after.position }),
    ...(hasAny(native) && { native }),
    ...(hasAny(field_positions) && { field_positions }),
    ...(hasAny(accepted) && { accepted }),
  }
}

type Entries = Readonly<Record<string, unknown>>
/** The entries that are new or differ; nothing when one is missing. */
const gained = (before: Entries, after: Entries): Entries | undefined =>
  before === after
    ? {}
    : Object.keys(before).every(name => after[name] !== undefined)
      ? Object.fromEntries(Object.entries(after).filter(([name, value]) => !same(before[name], value)))
      : undefined
/** To the letter: a field that was never read is not one that is null. */
const same = (a: unknown, b: unknown): boolean => a === b || (typeof a === 'object' && isDeepStrictEqual(a, b))
const hasAny = (entries: Entries): boolean => Object.keys(entries).length > 0

const readAnswered = {
  name: 'holdings-answered',
  text: 'select ref, array_agg(system) as systems from holding where ref = any($1) and answered group by ref',
}
/** The systems that have each record, and whose answer has been understood. */
export async function answeredIn(tx: Tx, refs: readonly string[]): Promise<Map<string, string[]>> {
  const rows = await tx.query<{ ref: string; systems: string[] }>(readAnswered, [refs])
  return new Map(rows.map(({ ref, systems }) => [ref, systems]))
}

const readGone = {
  name: 'holdings-gone',
  text: 'select ref, array_agg(system order by system) as systems from holding where ref = any($1) and gone group by ref',
}
/** The systems from which each record has disappeared. */
export async function goneFrom(tx: Tx, refs: readonly string[]): Promise<Map<string, string[]>> {
  if (refs.length === 0) return new Map()
  const rows = await tx.query<{ ref: string; systems: string[] }>(readGone, [[...new Set(refs)]])
  return new Map(rows.map(({ ref, systems }) => [ref, systems]))
}

/** A system no longer has the record, which is locked. */
export const markGone = (tx: Tx, ref: string, system: string): Promise<unknown> =>
  tx.query(
    {
      name: 'holdings-mark-gone',
      text: 'update holding set gone = true, at = clock_timestamp() where ref = $1 and system = $2',
    },
    [ref, system],
  )

const readHomesAndDeliveries = {
  name: 'homes-and-deliveries',
  text: `select ref, system from holding where ref = any($1) and not gone
         union select ref, system from delivery where ref = any($1)`,
}
/** The systems that hold each record or are about to. */
export async function homesOrDeliveries(tx: Tx, refs: readonly string[]): Promise<Map<string, string[]>> {
  const rows = await tx.query<{ ref: string; system: string }>(readHomesAndDeliveries, [refs])
  return new Map([...Map.groupBy(rows, row => row.ref)].map(([ref, homes]) => [ref, homes.map(home => home.system)]))
}
