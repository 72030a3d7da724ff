// Makes many journeys of a few: the rows that the engine wrote for each are written again under other ids and numbers, row
// for row and byte for byte, as if as many quotes had been accepted. Nothing else of a row is changed.
import type pg from 'pg'

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
type Row = { readonly [name: string]: Json }

/** Tables that hold a journey and its records, and which of their rows belong to the journeys $1. */
const ofJourneys = 'journey = any($1::text[])'
const refs = `(select ref from journey where journey = any($1::text[])
  union select r.ref from journey j join record r on r.about @> array[j.ref] where j.journey = any($1::text[]))`
const tables: readonly (readonly [name: string, rows: string])[] = [
  ['journey', ofJourneys],
  ['step', ofJourneys],
  ['wait', ofJourneys],
  ['task', ofJourneys],
  ['record', `ref in ${refs}`],
  ['record_version', `ref in ${refs}`],
  ['holding', `ref in ${refs}`],
  ['delivery', `ref in ${refs}`],
  ['attempt', `ref in ${refs}`],
  ['name', `ref in ${refs}`],
  ['match', `ref in ${refs}`],
  // Entries of a list have refs of their own: their record's and a key.
  ['link', `split_part(ref, '/', 1) in ${refs}`],
  [
    'change',
    `(system, object, native_id) in (select system, object, native_id from link where split_part(ref, '/', 1) in ${refs})`,
  ],
  ['event', `subject in ${refs}`],
]

const batch = 100

/** Writes each of these journeys so many times more. The engine must not run. */
export async function multiply(client: pg.Client, journeys: readonly string[], times: number): Promise<void> {
  let seq = Number((await client.query<{ seq: string }>('select coalesce(max(seq), 0) as seq from event')).rows[0]?.seq)
  for (let at = 0; at < journeys.length; at += batch) {
    const some = journeys.slice(at, at + batch)
    const rows: [string, Row[]][] = []
    for (const [name, where] of tables) {
      const text = `select to_jsonb(t) as row from ${name} t where ${where}`
      rows.push([name, (await client.query<{ row: Row }>(text, [some])).rows.map(({ row }) => row)])
    }
    const ids = new Set(rows.flatMap(([name, all]) => all.flatMap(row => idsIn(name, row))))
    for (let n = 1; n <= times; n++) {
      const copy = copierOf(ids, n)
      await client.query('begin')
      for (const [name, all] of rows) {
        const copies = all.map(row => {
          const copied = copy(row) as Row
          return name === 'event' && row.seq !== null ? { ...copied, seq: ++seq } : copied
        })
        if (copies.length > 0)
          await client.query(
            `insert into ${name} select * from jsonb_populate_recordset(null::plumbline.${name}, $1::jsonb)`,
            [JSON.stringify(copies)],
          )
      }
      await client.query('commit')
    }
  }
}

/** Everything by which the rows of a journey know each other. */
function idsIn(table: string, row: Row): string[] {
  const texts = (...names: readonly string[]): string[] =>
    names.flatMap(name => (typeof row[name] === 'string' ? [row[name]] : []))
  if (table === 'journey') return texts('journey', 'ref')
  if (table === 'task') return texts('task')
  if (table === 'link') return [...texts('native_id'), ...texts('ref').map(ref => ref.split('/')[0] ?? ref)]
  if (table === 'name' || table === 'match') return texts('name', 'value')
  return texts('ref')
}

const uuid = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g
const long = /[A-Za-z]+-[0-9a-z]{12,}|\b[0-9A-Za-z]{15,18}\b|\b\d{8,10}\b/g

/** The same with every id, number and uuid turned into the one of copy n; all texts keep their length, short numbers but one. */
function copierOf(ids: ReadonlySet<string>, n: number): (value: Json) => Json {
  const known = new Map([...ids].map(id => [id, idOf(id, n)]))
  const text = (value: string): string =>
    known.get(value) ??
    value
      .replace(uuid, id => `${id.slice(0, -4)}${n.toString(16).padStart(4, '0')}`)
      .replace(long, id => known.get(id) ?? id)
  const copy = (value: Json): Json => {
    if (typeof value === 'string') return text(value)
    if (value === null || typeof value !== 'object') return value
    if (isList(value)) return value.map(copy)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [text(name), copy(inner)]))
  }
  return copy
}
const isList = (value: readonly Json[] | { readonly [name: string]: Json }): value is readonly Json[] =>
  Array.isArray(value)

function idOf(id: string, n: number): string {
  // Our own: `order-…`; the last characters tell the copies apart.
  if (/^[a-z]+-[0-9a-z]{12,}$/.test(id)) return `${id.slice(0, -3)}${n.toString(36).padStart(3, '0')}`
  // Salesforce's: three characters of the object, then a counter that begins with zeros.
  if (/^[0-9A-Za-z]{15,18}$/.test(id)) return `${id.slice(0, 4)}${n.toString(36).padStart(3, '0')}${id.slice(7)}`
  if (/^\d{8,10}$/.test(id)) return `${String(n).padStart(3, '0')}${id.slice(3)}`
  return `${n}${id.padStart(5, '0')}`
}
