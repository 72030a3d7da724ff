// Makes many journeys of a few: the rows that the engine wrote for each are written again under other ids and numbers, row
// for row and as long as they were, as if as many quotes had been accepted. Nothing else of a row is changed.
import type pg from 'pg'

type Row = Readonly<Record<string, unknown>>

/** Tables that hold a journey and its records, and which of their rows belong to the journeys $1. */
const ofJourneys = 'journey = any($1::text[])'
const refs = `(select ref from journey where journey = any($1::text[])
  union select r.ref from journey j join record r on r.about @> array[j.ref] where j.journey = any($1::text[]))`
type Tables = readonly (readonly [name: string, rows: string])[]
const now: Tables = [
  ['journey', ofJourneys],
  ['step', ofJourneys],
  ['wait', ofJourneys],
  ['task', ofJourneys],
  ['record', `ref in ${refs}`],
  ['holding', `ref in ${refs}`],
  ['delivery', `ref in ${refs}`],
  ['name', `ref in ${refs}`],
  ['match', `ref in ${refs}`],
  // Entries of a list have refs of their own: their record's and a key.
  ['link', `split_part(ref, '/', 1) in ${refs}`],
]
const history: Tables = [
  ['record_version', `ref in ${refs}`],
  ['attempt', `ref in ${refs}`],
  [
    'change',
    `(system, object, native_id) in (select system, object, native_id from link where split_part(ref, '/', 1) in ${refs})`,
  ],
  ['event', `subject in ${refs}`],
]

const batch = 100

/** Writes each of these journeys so many times more, with its history every tenth time. The engine must not run. */
export async function multiply(client: pg.Client, journeys: readonly string[], times: number): Promise<void> {
  await client.query(`set synchronous_commit = off; create temp sequence copied;
    select setval('copied', greatest(1, (select max(seq) from event)))`)
  for (let at = 0; at < journeys.length; at += batch) {
    const some = journeys.slice(at, at + batch)
    const rows = async (tables: Tables): Promise<[string, Row[]][]> => {
      const all: [string, Row[]][] = []
      for (const [name, where] of tables) {
        const found = await client.query<{ row: Row }>(`select to_jsonb(t) as row from ${name} t where ${where}`, [
          some,
        ])
        if (found.rows.length > 0) all.push([name, found.rows.map(({ row }) => row)])
      }
      return all
    }
    const [nowRows, historyRows] = [await rows(now), await rows(history)]
    const ids = new Set(nowRows.flatMap(([name, all]) => all.flatMap(row => idsIn(name, row))))
    const template = ([name, all]: [string, Row[]]) => ({ name, copy: copierOf(JSON.stringify(all), ids) })
    const [nowTables, historyTables] = [nowRows.map(template), historyRows.map(template)]
    for (let n = 1; n <= times; n++)
      for (const { name, copy } of n % 10 === 1 ? [...nowTables, ...historyTables] : nowTables)
        await client.query(insertInto(name), [copy(n)])
  }
}

const insertInto = (name: string): string =>
  name === 'event'
    ? `insert into event (id, type, subject, data, at, seq) select id, type, subject, data, at, nextval('copied')
       from jsonb_populate_recordset(null::plumbline.event, $1::jsonb)`
    : `insert into ${name} select * from jsonb_populate_recordset(null::plumbline.${name}, $1::jsonb)`

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

const strings = /"(?:[^"\\]|\\.)*"/g
const uuids = '\\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\\b'
/** What may stand within a longer text; a short number counts only when it is all of it. */
const within = new RegExp(`(${uuids}|[A-Za-z]+-[0-9a-z]{12,}|\\b[0-9A-Za-z]{15,18}\\b|\\b\\d{8,10}\\b)`)
const isUuid = new RegExp(`^${uuids}$`)

/** The rows as JSON with every id, number and uuid turned into the one of copy n. They are found once for all copies. */
function copierOf(json: string, ids: ReadonlySet<string>): (n: number) => string {
  const parts: string[] = []
  const places: number[] = []
  const place = (id: string): void => {
    places.push(parts.length)
    parts.push(id)
  }
  let end = 0
  for (const { 0: quoted, index } of json.matchAll(strings)) {
    parts.push(json.slice(end, index + 1))
    end = index + quoted.length - 1
    const text = quoted.slice(1, -1)
    if (ids.has(text)) place(text)
    else
      for (const part of text.split(within))
        if (ids.has(part) || isUuid.test(part)) place(part)
        else parts.push(part)
  }
  parts.push(json.slice(end))
  return n => {
    const copy = [...parts]
    for (const at of places) copy[at] = idOf(parts[at] ?? '', n)
    return copy.join('')
  }
}

function idOf(id: string, n: number): string {
  const [letters, digits] = [n.toString(36).padStart(3, '0'), String(n).padStart(3, '0')]
  // What no original has is put in too: a version that there is not, a capital letter.
  if (isUuid.test(id)) return `${id.slice(0, 14)}e${id.slice(15, -4)}${n.toString(16).padStart(4, '0')}`
  // Our own: `order-…`; the last characters tell the copies apart.
  if (/^[a-z]+-[0-9a-z]{12,}$/.test(id)) return `${id.slice(0, -4)}Z${letters}`
  // Salesforce's: three characters of the object, then a counter that begins with zeros.
  if (/^[0-9A-Za-z]{15,18}$/.test(id)) return `${id.slice(0, 4)}${letters}${id.slice(7)}`
  if (/^\d{8,10}$/.test(id)) return `${digits}${id.slice(3)}`
  return `${n}${id.padStart(5, '0')}`
}
