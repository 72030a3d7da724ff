// What was stored before it was marked as personal is sealed too: once for each change of what is marked, before the work begins.
import { namesOf } from '../kernel/naming.ts'
import type { Plan } from '../kernel/plan.ts'
import type { Heard } from '../kernel/rows.ts'
import type { Db, Tx } from './db.ts'
import { HASHED } from './sealing.ts'

type Fields = Readonly<Record<string, unknown>>
type About = { readonly ref: string } & Record<string, unknown>
const PAGE = 500

/** Answers of how many records something was sealed anew. `db` reads the erased in words: what stands for them stays sealed. */
export async function sealStored(db: Db, plan: Plan): Promise<number> {
  const { personal } = db.sealing
  const [known] = await db.query<{ covers: string }>('select covers from master_key')
  if (personal.covers === '' || known?.covers === personal.covers) return 0
  const contracts = [...personal.people, ...personal.belonging]
  const records = await sealRecords(db, plan, contracts)
  for (const system of plan.systems.values())
    for (const object of system.objects)
      if (personal.nativeOf(system.name, object)) await sealTold(db, system.name, object)
  await sealEvents(db, contracts)
  await sealMatches(db, plan, contracts)
  await db.query('update master_key set covers = $1', [personal.covers])
  return records
}

type RecordRow = { readonly ref: string; readonly contract: string; readonly fields: Fields }

async function sealRecords(db: Db, plan: Plan, contracts: readonly string[]): Promise<number> {
  let [done, after] = [0, '']
  for (;;) {
    const rows = await db.transaction(async tx => {
      const found = await tx.query<RecordRow>(
        `select ref, contract, fields from record where contract = any($1) and ref > $2 order by ref limit ${PAGE} for update`,
        [contracts, after],
      )
      await sealPage(tx, plan, found)
      return found
    })
    done += rows.length
    after = rows.at(-1)?.ref ?? after
    if (rows.length < PAGE) return done
  }
}

/** A page of records, and all that hangs on them. */
async function sealPage(tx: Tx, plan: Plan, rows: readonly RecordRow[]): Promise<void> {
  if (rows.length === 0) return
  const refs = rows.map(row => row.ref)
  const sealed = await tx.sealing.versions(
    rows.map(row => {
      const contract = plan.contracts.get(row.contract)
      return { ...row, delta: {}, names: contract ? namesOf(contract, row.fields) : [], formerNames: [] }
    }),
  )
  await put(tx, 'record', ['ref'], { fields: 'jsonb' }, sealed)
  await tx.query('delete from name where ref = any($1)', [refs])
  const erased = await tx.sealing.erased(refs)
  await tx.query(
    `insert into name (name, ref, whole) select name, ref, whole from jsonb_to_recordset($1::jsonb) as x(name text, ref text, whole boolean)
     on conflict do nothing`,
    [
      JSON.stringify(
        sealed.filter(one => !erased.has(one.ref)).flatMap(one => one.names.map(name => ({ ...name, ref: one.ref }))),
      ),
    ],
  )
  const of = new Map(rows.map(row => [row.ref, row.contract]))
  const versions = await read<{ ref: string; version: number; fields: Fields }>(
    tx,
    'record_version',
    refs,
    'version, fields',
  )
  const asVersions = versions.map(one => ({
    ...one,
    contract: of.get(one.ref) ?? '',
    delta: {},
    names: [],
    formerNames: [],
  }))
  await put(tx, 'record_version', ['ref', 'version'], { fields: 'jsonb' }, await tx.sealing.versions(asVersions))
  const holdings = await read<{ ref: string; system: string; object: string; native: Fields; accepted: Fields }>(
    ...([tx, 'holding', refs, 'system, object, native, accepted'] as const),
  )
  await put(
    tx,
    'holding',
    ['ref', 'system'],
    { native: 'jsonb', accepted: 'jsonb' },
    await tx.sealing.holdings(holdings),
  )
  const attempts = await read<{ ref: string; id: string; system: string; request: object; reason: string | null }>(
    ...([tx, 'attempt', refs, 'id, system, request, reason'] as const),
  )
  const asked = await tx.sealing.about(await tx.sealing.attempts(attempts), 'reason')
  await put(tx, 'attempt', ['id'], { request: 'jsonb', reason: 'text' }, asked)
  await sealWords(tx, refs, 'delivery', ['ref', 'system'], { reason: 'text', todo: 'text', says: 'text' })
  await sealWords(tx, refs, 'dispute', ['dispute'], { wanted: 'jsonb', held: 'jsonb', reason: 'text' })
  await sealWords(tx, refs, 'task', ['task'], { title: 'text', question: 'text', facts: 'jsonb', comment: 'text' })
  await sealWords(tx, refs, 'journey', ['journey'], { title: 'text', reason: 'text', todo: 'text' })
  await sealJourneys(tx, refs)
}

/** What its tasks and steps say, of a journey that began with such a record. */
async function sealJourneys(tx: Tx, refs: readonly string[]): Promise<void> {
  const tasks = await tx.query<About>(
    'select j.ref, t.task, t.question, t.facts, t.comment from task t join journey j using (journey) where j.ref = any($1)',
    [refs],
  )
  const said = await tx.sealing.about(tasks, 'question', 'facts', 'comment')
  await put(tx, 'task', ['task'], { question: 'text', facts: 'jsonb', comment: 'text' }, said)
  const steps = await tx.query<About>(
    'select j.ref, s.journey, s.name, s.result from step s join journey j using (journey) where j.ref = any($1) and s.result is not null',
    [refs],
  )
  await put(tx, 'step', ['journey', 'name'], { result: 'jsonb' }, await tx.sealing.about(steps, 'result'))
}

type Types = Readonly<Record<string, 'jsonb' | 'text'>>

async function sealWords(
  tx: Tx,
  refs: readonly string[],
  table: string,
  key: readonly string[],
  columns: Types,
): Promise<void> {
  const names = [...new Set([...key, ...Object.keys(columns)])].filter(name => name !== 'ref')
  const rows = await read<About>(tx, table, refs, names.join(', '))
  await put(tx, table, key, columns, await tx.sealing.about(rows, ...Object.keys(columns)))
}

const read = <R extends { readonly ref: string }>(
  tx: Tx,
  table: string,
  refs: readonly string[],
  columns: string,
): Promise<R[]> => tx.query<R>(`select ref, ${columns} from ${table} where ref = any($1)`, [refs])

/** Keys that are no text. */
const KEYS: Readonly<Record<string, string>> = { id: 'uuid', version: 'int' }

async function put(
  tx: Tx,
  table: string,
  key: readonly string[],
  columns: Types,
  rows: readonly object[],
): Promise<void> {
  if (rows.length === 0) return
  const names = Object.keys(columns)
  const typed = [
    ...key.map(name => `${name} ${KEYS[name] ?? 'text'}`),
    ...names.map(name => `${name} ${columns[name]}`),
  ]
  await tx.query(
    `update ${table} t set ${names.map(name => `${name} = x.${name}`).join(', ')}
     from jsonb_to_recordset($1::jsonb) as x(${typed.join(', ')})
     where ${key.map(name => `t.${name} = x.${name}`).join(' and ')}`,
    [JSON.stringify(rows)],
  )
}

type Body = Fields & { readonly object: string; readonly fields: Fields; readonly entryOf?: { readonly list: string } }
type Told = { readonly system: string; readonly object: string; readonly native_id: string }

/** What a system told of an object, record by record. */
async function sealTold(db: Db, system: string, object: string): Promise<void> {
  for (let after = ''; ; ) {
    const ids = await db.query<{ id: string }>(
      `select distinct native_id as id from change where system = $1 and object = $2 and native_id > $3 order by 1 limit ${PAGE}`,
      [system, object, after],
    )
    await db.transaction(tx =>
      sealChanges(
        tx,
        { system, object },
        ids.map(one => one.id),
      ),
    )
    const last = ids.at(-1)
    if (!last || ids.length < PAGE) break
    after = last.id
  }
  const waiting = await db.query<Told & { changes: Heard[] }>(
    'select system, object, native_id, changes from inbox where system = $1 and object = $2',
    [system, object],
  )
  for (const row of waiting) {
    const heard = await db.sealing.arrivals(row.changes.map(one => ({ ...row, heard: one })))
    await db.query(
      `update inbox set changes = array(select jsonb_array_elements($4::jsonb))
       where system = $1 and object = $2 and native_id = $3 and cardinality(changes) = $5 and worker is null`,
      [system, object, row.native_id, JSON.stringify(heard.map(one => one.heard)), row.changes.length],
    )
  }
}

async function sealChanges(tx: Tx, at: { system: string; object: string }, ids: readonly string[]): Promise<void> {
  const rows = await tx.query<Told & { id: string; body: Body }>(
    `select id, system, object, native_id, body from change where system = $1 and object = $2 and native_id = any($3)`,
    [at.system, at.object, ids],
  )
  const legible = rows.filter(row => 'fields' in row.body)
  const sealed = await tx.sealing.arrivals(legible.map(row => ({ ...row, heard: { observation: row.body } })))
  await put(
    tx,
    'change',
    ['id'],
    { body: 'jsonb' },
    sealed.map(row => ({ id: row.id, body: row.heard.observation })),
  )
}

async function sealEvents(db: Db, contracts: readonly string[]): Promise<void> {
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const rows = await db.query<{ id: string; subject: string; data: object }>(
      `select id, subject, data from event
       where id > $1 and regexp_replace(subject, '-[^-]*$', '') = any($2) order by id limit ${PAGE}`,
      [after, contracts],
    )
    await put(db, 'event', ['id'], { data: 'jsonb' }, await db.sealing.events(rows))
    const last = rows.at(-1)
    if (!last || rows.length < PAGE) return
    after = last.id
  }
}

/** Two that were one before are one still. */
async function sealMatches(db: Db, plan: Plan, contracts: readonly string[]): Promise<void> {
  const rows = await db.query<{ contract: string; value: string; ref: string }>(
    `select contract, value, ref from match where contract = any($1) and not starts_with(value, '${HASHED}')`,
    [contracts],
  )
  for (const { contract, value } of rows) {
    const hashed = db.sealing.businessKey(contract, plan.contracts.get(contract)?.options.match ?? '', value)
    if (hashed !== value)
      await db.query('update match set value = $3 where contract = $1 and value = $2', [contract, value, hashed])
  }
}
