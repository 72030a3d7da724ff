// Fills a database with the history of very many fields, as the engine would have written it: records of forty fields that were
// loaded once and edited since, most a few times, some hundreds and a few thousands of times, over half a year.
import type pg from 'pg'
import { counts, days, words } from '../sync/connector.ts'

export type Filled = { readonly records: number; readonly versions: number; readonly sources: number }

const fields = ['number', ...words.map(w => `text${w}`), ...counts.map(c => `count${c}`), ...days.map(d => `day${d}`)]
const natives = fields.map(name => `${name.charAt(0).toUpperCase()}${name.slice(1)}`)
const MONTHS = 6

/** `sources` values, each with its version and what is known of the change that brought it. */
export async function fill(client: pg.Client, sources: number): Promise<Filled> {
  const perRecord = fields.length + EDITS
  const records = Math.ceil(sources / perRecord)
  await client.query(
    `set search_path = plumbline; set synchronous_commit = off; set work_mem = '256MB'; set maintenance_work_mem = '256MB'`,
  )
  await withoutHaste(client)
  await pastMonths(client)
  await client.query(shapesAt(new Date().toISOString()))
  for (const [text, values] of [
    [edits, [records]],
    [patches, []],
    [indexPatches, []],
    [loadedVersions, [records, fields]],
    [editedVersions, []],
    [changesOfLoad, [records, natives]],
    [changesOfEdits, [natives, fields]],
    [recordRows, [records, fields]],
    [holdingRows, [natives, fields]],
    [linkRows, [records]],
    [nameRows, [records]],
    [attemptRows, [natives, fields]],
    ["insert into build (hash, project) values ('0123456789ab', 'bench') on conflict do nothing", []],
  ] as const)
    await client.query(text, [...values])
  // What autovacuum would do within the next minutes.
  await client.query('vacuum analyze')
  await client.query('alter system reset all')
  await client.query('select pg_reload_conf()')
  await client.query('checkpoint')
  const { rows } = await client.query<Record<keyof Filled, string>>(counted)
  const [row] = rows
  return { records: Number(row?.records), versions: Number(row?.versions), sources: Number(row?.sources) }
}

/** While it is filled: few checkpoints, and no vacuum in between. Afterwards all is as before. */
async function withoutHaste(client: pg.Client): Promise<void> {
  for (const [name, value] of Object.entries({
    max_wal_size: '6GB',
    checkpoint_timeout: '30min',
    autovacuum: 'off',
    full_page_writes: 'off',
  }))
    await client.query(`alter system set ${name} = '${value}'`)
  await client.query('select pg_reload_conf()')
}

/** Values that edits of a record bring, on average, at least. */
const EDITS = 8

/** Months that have gone have partitions of their own, as they were made when they came. */
async function pastMonths(client: pg.Client): Promise<void> {
  for (const table of ['change', 'record_version', 'attempt'])
    for (let back = 1; back <= MONTHS; back++)
      await client.query(`
        do $$ declare first timestamp := date_trunc('month', now() at time zone 'utc') - interval '${back} months'; begin
          execute format('create table %I partition of ${table} for values from (%L) to (%L)', '${table}_' || to_char(first, 'YYYY_MM'),
                         to_char(first, 'YYYY-MM-DD') || ' 00:00:00+00', to_char(first + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00');
        end $$`)
}

const ref = (r: string): string => `'item-' || lpad(${r}::text, 20, '0')`
const native = (r: string): string => `'N' || lpad(${r}::text, 8, '0')`
const change = (r: string, n: string): string => `md5('change ' || ${r} || ' ' || ${n})::uuid`
const who = (n: string): string => `'person-' || (${n} % 50)`

/** What a field of a record says at its version n, and when that was: the last edit of each lies some minutes back. */
const shapesAt = (now: string): string => `
  create function pg_temp.value_at(field text, r int, n int) returns jsonb stable language sql as $$
    select case when field = 'number' then to_jsonb(${native('r')})
                when field like 'count%' then to_jsonb(r % 1000 + n)
                when field like 'day%' then to_jsonb('2026-' || lpad((1 + (r + n) % 12)::text, 2, '0') || '-15')
                else to_jsonb(field || ' of ' || (r + n) || ' in the register') end $$;
  create function pg_temp.time_of(n int, last int) returns timestamptz stable language sql as $$
    select timestamptz '${now}' - interval '10 minutes' - interval '${MONTHS * 30} days' * ((last + 1 - n)::float8 / (last + 1)) $$;`

/** Of 10,000 records one is edited thousands of times, 99 more hundreds of times, the others up to four times. */
const edits = `
  create temp table edited as
  select r, case when r % 10000 = 0 then 10000 when r % 100 = 0 then 200 else r % 5 end as last from generate_series(1, $1::int) r`
/** One to three fields each time; a third of them the same few fields of that record. */
const patches = `
  create temp table patch as
  select distinct on (r, n, field) r, n + 1 as n, last + 1 as last, field, pg_temp.value_at(field, r, n + 1) as value
  from edited, generate_series(1, last) n, generate_series(0, n % 3) i,
       lateral (select (array[${fields.map(name => `'${name}'`).join(', ')}])[2 + (r * 7 + n * 3 + i * 11) % ${fields.length - 1}] as field) f`
const indexPatches = 'create index on patch (r, n); analyze patch; analyze edited'

const loadedVersions = `
  insert into record_version (ref, version, at, fields, cause, quiet)
  select ${ref('r')}, 1, pg_temp.time_of(1, last + 1),
         (select jsonb_object_agg(f, pg_temp.value_at(f, r, 1)) from unnest($2::text[]) f),
         jsonb_build_object('system', 'crm', 'at', pg_temp.time_of(1, last + 1), 'by', 'loader', 'build', 1, 'change', ${change('r', '1')}),
         true
  from edited where r <= $1`
const editedVersions = `
  insert into record_version (ref, version, at, fields, cause, quiet)
  select ${ref('r')}, n, pg_temp.time_of(n, last), jsonb_object_agg(field, value),
         jsonb_build_object('system', 'crm', 'at', pg_temp.time_of(n, last), 'by', ${who('n')}, 'build', 1, 'change', ${change('r', 'n')}),
         false
  from patch group by r, n, last`

const body = (mask: string, told: string, at: string, by: string, live: string): string =>
  `jsonb_build_object('object', 'Item', 'id', ${native('r')}, 'kind', 'seen', 'mask', ${mask}, 'fields', ${told},
     'position', jsonb_build_object('at', floor(extract(epoch from ${at}) * 1000), 'seq', 1), 'by', ${by}, 'live', ${live})`
const changesOfLoad = `
  insert into change (id, at, system, object, native_id, body)
  select ${change('r', '1')}, pg_temp.time_of(1, last + 1) - interval '50 ms', 'crm', 'Item', ${native('r')},
         ${body("to_jsonb('all'::text)", '(select jsonb_object_agg(f, pg_temp.value_at(lower(left(f, 1)) || substr(f, 2), r, 1)) from unnest($2::text[]) f)', 'pg_temp.time_of(1, last + 1)', "'loader'", 'false')}
  from edited where r <= $1`
const toNative = '($1::text[])[array_position($2::text[], field)]'
const changesOfEdits = `
  insert into change (id, at, system, object, native_id, body)
  select ${change('r', 'n')}, pg_temp.time_of(n, last) - interval '50 ms', 'crm', 'Item', ${native('r')},
         ${body(`jsonb_agg(${toNative})`, `jsonb_object_agg(${toNative}, value)`, 'pg_temp.time_of(n, last)', who('n'), 'true')}
  from patch group by r, n, last`

const recordRows = `
  insert into record (ref, contract, version, fields, sources, at)
  select ${ref('e.r')}, 'item', e.last + 1,
         (select jsonb_object_agg(f, pg_temp.value_at(f, e.r, 1)) from unnest($2::text[]) f) || coalesce(p.fields, '{}'),
         (select jsonb_object_agg(f, 1) from unnest($2::text[]) f) || coalesce(p.sources, '{}'), pg_temp.time_of(e.last + 1, e.last + 1)
  from edited e
  left join (select r, jsonb_object_agg(field, value order by n) as fields, jsonb_object_agg(field, n order by n) as sources
             from patch group by r) p on p.r = e.r
  where e.r <= $1`
const holdingRows = `
  insert into holding (ref, system, object, native_id, native, position)
  select ref, system, 'Item', fields ->> 'number',
         (select jsonb_object_agg(($1::text[])[array_position($2::text[], key)], value) from jsonb_each(fields)), '{"at": 1}'
  from record, unnest(array['crm', 'erp']) system`
const linkRows = `
  insert into link (system, object, native_id, ref)
  select system, 'Item', ${native('r')}, ${ref('r')} from generate_series(1, $1::int) r, unnest(array['crm', 'erp']) system`
const nameRows = `insert into name (name, ref, whole) select lower(${native('r')}), ${ref('r')}, true from generate_series(1, $1::int) r`
/** The other system was written each edit. */
const attemptRows = `
  insert into attempt (id, at, ref, system, version, kind, key, request, send_by, ended_at, ended)
  select md5('attempt ' || r || ' ' || n)::uuid, pg_temp.time_of(n, last) + interval '20 ms', ${ref('r')}, 'erp', n, 'update', '',
         jsonb_build_object('object', 'Item', 'id', ${native('r')}, 'fields', jsonb_object_agg(${toNative}, value), 'lists', '{}'::jsonb),
         pg_temp.time_of(n, last) + interval '30 s', pg_temp.time_of(n, last) + interval '60 ms', 'written'
  from patch group by r, n, last`

const counted = `
  select (select count(*) from record) as records, count(*) as versions, sum(n) as sources
  from record_version, lateral (select count(*) as n from jsonb_object_keys(fields)) f`
