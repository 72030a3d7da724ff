-- The list: journeys are filtered, counted, sorted and found without reading them all.

-- Journeys ------------------------------------------------------------------------------------------------------------

-- The systems that a journey's records live in and that it asks; and what a waiting or stuck one waits for: a person's
-- answer, a system that is to take or answer something, the course of a record, its next try, or somebody who looks at it.
alter table journey
  add column systems text[] not null default '{}',
  add column waits   text check (waits in ('answer', 'system', 'record', 'retry', 'person'));

update journey j set
  systems = array(
    select distinct l.system from link l
    where l.ref = j.ref or l.ref in (select s.result ->> 'ref' from step s where s.journey = j.journey and s.kind = 'open')
    order by 1),
  waits = case
    when state = 'stuck' then 'person'
    when state <> 'waiting' then null
    when exists (select from task t where t.journey = j.journey and t.answer is null) then 'answer'
    when exists (select from wait w where w.journey = j.journey and w.name not like 'Until %') then 'system'
    when exists (select from wait w where w.journey = j.journey) then 'record'
    else 'retry' end;

-- An open journey is in one index by age, an ended one in another: what ended grows for ever and costs the open nothing.
drop index journey_state;
drop index journey_late;
create index journey_open on journey (started_at, journey) where ended_at is null;
create index journey_ended on journey (state, started_at, journey) where ended_at is not null;
create index journey_deadline on journey ((coalesce(late_at, 'infinity')), journey) where ended_at is null;
create index journey_worth on journey ((coalesce(worth, 0)), journey);
create index journey_systems on journey using gin (systems);

-- Names -----------------------------------------------------------------------------------------------------------------

-- The numbers and names that people know records by, folded (lower case, no accents), also from each later word on: found
-- by how they begin. In the order of bytes, so that "begins with" is a range.
create table name (
  name           text collate "C" not null,
  ref            text not null,
  -- false for the rest of a name from a later word on
  whole          boolean not null,
  primary key (name, ref)
);
insert into name (name, ref, whole)
select distinct on (1, 2) left(array_to_string(words[n:], ' '), 200), ref, n = 1
from (
  select ref, regexp_split_to_array(trim(regexp_replace(normalize(lower(known), nfkd), '[\u0300-\u036f]+', '', 'g')), '\s+') as words
  from record, unnest(names) as known
) r, generate_series(1, least(8, cardinality(words))) as n
where words[n] <> ''
order by 1, 2, n;
drop index record_names;
alter table record drop column names;

-- The sweep for lost wake-ups -------------------------------------------------------------------------------------------

-- Which records changed lately, without an index entry for each change: an update that stays in its page stays cheap.
create index record_changed on record using brin (at) with (pages_per_range = 8, autosummarize = on);
