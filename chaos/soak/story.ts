// What the engine heard, decided and sent of a record, in its order: for whoever looks for the cause of a failure.
import type pg from 'pg'

const told = `
  select at, concat_ws(' ', 'heard from', system, 'by', coalesce(body ->> 'by', 'nobody'), body ->> 'kind',
    jsonb_strip_nulls(body -> 'fields'), 'of', body #> '{position,seq}') as says
  from change where object = 'Thing' and split_part(native_id, '-', 2) = $1
  union all select a.at, concat_ws(' ', 'sends to', a.system, a.kind, 'of version', a.version, a.request -> 'fields')
    from attempt a join named using (ref)
  union all select a.ended_at, concat_ws(' ', 'knows that', a.system, 'ended', a.ended, a.reason)
    from attempt a join named using (ref) where a.ended_at is not null
  union all select v.at, concat_ws(' ', 'decides on version', v.version, v.fields, 'from', v.cause ->> 'system')
    from record_version v join named using (ref)
  union all select d.at, concat_ws(' ', 'puts right', d.field, 'in', d.system, 'by', coalesce(d.by, 'nobody'), 'from', d.wanted, 'to', d.held)
    from dispute d join named using (ref)
  union all select d.since, concat_ws(' ', 'has open: to', d.system, d.state, d.reason)
    from delivery d join named using (ref) where d.state <> 'idle'
  union all select first_at, concat_ws(' ', 'has open: from', system, case when parked then 'parked' end, reason)
    from inbox where split_part(native_id, '-', 2) = $1`

export async function storyOf(client: pg.Pool, label: string): Promise<string> {
  const { rows } = await client.query<{ at: string; says: string }>(
    `with named as (select ref from record where fields ->> 'label' = $1)
     select to_char(at, 'SS.MS') as at, says from (${told}) t order by t.at`,
    [label],
  )
  return rows.map(({ at, says }) => `  ${at} ${says}`).join('\n')
}
