-- The spine: what the systems told us, what we hold to be true, what each system holds, what must be brought to it,
-- and the journeys that wait upon it. Work is claimed by state (worker, epoch, due_at), never by "id greater than".

-- Processes -------------------------------------------------------------------------------------------------------

create table worker (
  worker         text primary key,
  build          text not null,
  lease_until    timestamptz not null,
  -- Since when the lease was never found expired. Only a steady worker may take over another's work: after an outage
  -- of the database every lease looks dead.
  steady_since   timestamptz not null default clock_timestamp(),
  started_at     timestamptz not null default clock_timestamp()
);

create table lane (
  system         text primary key,
  concurrency    int not null,
  per_second     numeric,
  next_send_at   timestamptz not null default clock_timestamp(),
  closed_until   timestamptz,
  failures       int not null default 0,
  reason         text,
  paused         boolean not null default false
);

-- One row per call that may be under way: their number is the limit, exactly, across all processes.
create table permit (
  system         text not null references lane on delete cascade,
  slot           int not null,
  worker         text,
  until          timestamptz,
  primary key (system, slot)
);

-- Receive -----------------------------------------------------------------------------------------------------------

create table feed (
  system         text primary key,
  cursor         text,
  -- Changes made before this instant of the system's clock are history: they start nothing.
  live_since     timestamptz,
  loaded_at      timestamptz,
  load_at        jsonb not null default '{}',
  worker         text,
  epoch          bigint not null default 0,
  claimed_at     timestamptz,
  due_at         timestamptz not null default clock_timestamp(),
  tries          int not null default 0,
  reason         text,
  heard_at       timestamptz
);

-- What systems told us, as they told it. The story reads it; nothing is worked off from it.
create table change (
  id             uuid not null,
  at             timestamptz not null default clock_timestamp(),
  system         text not null,
  object         text not null,
  native_id      text not null,
  body           jsonb not null,
  primary key (id, at)
) partition by range (at);
create index change_of on change (system, object, native_id, at);

-- What still has to be understood: one row per native record, with what was heard of it in order of arrival.
create table inbox (
  system         text not null,
  object         text not null,
  native_id      text not null,
  changes        jsonb[] not null,
  due_at         timestamptz not null default clock_timestamp(),
  worker         text,
  epoch          bigint not null default 0,
  claimed_at     timestamptz,
  tries          int not null default 0,
  parked         boolean not null default false,
  reason         text,
  todo           text,
  first_at       timestamptz not null default clock_timestamp(),
  primary key (system, object, native_id)
);
create index inbox_due on inbox (system, due_at) where worker is null and not parked;
create index inbox_of_worker on inbox (worker) where worker is not null;

-- Identity ----------------------------------------------------------------------------------------------------------

create table link (
  system         text not null,
  object         text not null,
  native_id      text not null,
  ref            text not null,
  at             timestamptz not null default clock_timestamp(),
  primary key (system, object, native_id)
);
create unique index link_of on link (ref, system, object);

-- The business key by which the same thing is found in several systems.
create table match (
  contract       text not null,
  value          text not null,
  ref            text not null,
  primary key (contract, value)
);

-- Records -----------------------------------------------------------------------------------------------------------

-- Half of each page is left free: a row of some kilobytes that changes then stays in its page, and no index is written.
create table record (
  ref              text primary key,
  contract         text not null,
  contract_version int not null default 1,
  version          int not null default 0,
  fields           jsonb not null default '{}',
  -- field → where its value came from: {system, at, by, cause}
  sources          jsonb not null default '{}',
  -- refs this record points to, and the names and numbers people know it by
  about            text[] not null default '{}',
  names            text[] not null default '{}',
  -- born by our workflow (else found in a system)
  born             boolean not null default false,
  alias_of         text,
  at               timestamptz not null default clock_timestamp()
) with (fillfactor = 50);
create index record_aliases on record (alias_of) where alias_of is not null;
create index record_about on record using gin (about) with (fastupdate = off);
create index record_names on record using gin (names) with (fastupdate = off);

create table record_version (
  ref            text not null,
  version        int not null,
  at             timestamptz not null default clock_timestamp(),
  -- only what changed
  fields         jsonb not null,
  cause          jsonb not null,
  quiet          boolean not null,
  primary key (ref, version, at)
) partition by range (at);

-- What we last knew a system to hold.
create table holding (
  ref            text not null,
  system         text not null,
  object         text not null,
  native_id      text not null,
  native         jsonb not null,
  -- the position of the last whole reading, and of fields heard of since: {field: position}
  position       jsonb not null default '{"at":0}',
  field_positions jsonb not null default '{}',
  token          text,
  -- what we sent, and what the system made of it: {field: {sent, became}}
  accepted       jsonb not null default '{}',
  gone           boolean not null default false,
  -- false while the answer of our own create lies in the inbox
  answered       boolean not null default true,
  at             timestamptz not null default clock_timestamp(),
  primary key (ref, system)
) with (fillfactor = 50);

-- Deliver -------------------------------------------------------------------------------------------------------------

create table delivery (
  ref            text not null,
  system         text not null,
  contract       text not null,
  wanted         int not null,
  done           int not null default 0,
  close          boolean not null default false,
  -- due: to be done from due_at on; waiting: for waits_for; parked: for a person; idle: nothing to do
  state          text not null check (state in ('due', 'waiting', 'parked', 'idle')),
  due_at         timestamptz not null default clock_timestamp(),
  waits_for      text,
  worker         text,
  epoch          bigint not null default 0,
  claimed_at     timestamptz,
  tries          int not null default 0,
  -- an attempt that may still be under way: nothing is sent before send_by + the system's longest execution
  attempt        uuid,
  doubt_until    timestamptz,
  -- since when a create may have happened whose native id we do not know yet
  creating_since timestamptz,
  reason         text,
  todo           text,
  since          timestamptz not null default clock_timestamp(),
  primary key (ref, system)
) with (fillfactor = 70);
create index delivery_due on delivery (system, due_at) where worker is null and state in ('due', 'waiting');
create index delivery_creating on delivery (system, contract, creating_since) where creating_since is not null;
create index delivery_waits on delivery (waits_for) where state = 'waiting';
create index delivery_open on delivery (state, since) where state in ('waiting', 'parked');
create index delivery_of_worker on delivery (worker) where worker is not null;

create table attempt (
  id             uuid not null,
  at             timestamptz not null default clock_timestamp(),
  ref            text not null,
  system         text not null,
  version        int not null,
  kind           text not null check (kind in ('create', 'update', 'close')),
  key            text not null,
  request        jsonb not null,
  send_by        timestamptz not null,
  ended_at       timestamptz,
  ended          text,
  reason         text,
  primary key (id, at)
) partition by range (at);
create index attempt_of on attempt (ref, at);

-- Journeys ------------------------------------------------------------------------------------------------------------

create table journey (
  journey        text primary key,
  workflow       text not null,
  ref            text not null,
  once           text not null,
  -- ready: to be run from due_at on; waiting: for a wait or task; stuck: for a person; then done or stopped
  state          text not null check (state in ('ready', 'waiting', 'stuck', 'done', 'stopped')),
  due_at         timestamptz not null default clock_timestamp(),
  worker         text,
  epoch          bigint not null default 0,
  claimed_at     timestamptz,
  tries          int not null default 0,
  title          text not null,
  worth          numeric,
  currency       text,
  -- the record's version that started it, frozen
  start          jsonb not null,
  checkpoint     text,
  -- checkpoint → when it was reached
  reached        jsonb not null default '{}',
  late_at        timestamptz,
  undoing        text,
  reason         text,
  todo           text,
  started_at     timestamptz not null default clock_timestamp(),
  ended_at       timestamptz,
  at             timestamptz not null default clock_timestamp(),
  unique (workflow, ref, once)
) with (fillfactor = 70);
create index journey_due on journey (due_at) where worker is null and state in ('ready', 'waiting');
create index journey_state on journey (state, started_at);
create index journey_newest on journey (started_at desc, journey desc);
create index journey_late on journey (late_at) where ended_at is null;
create index journey_reason on journey (started_at) where reason is not null and ended_at is null;
create index journey_of on journey (ref);
create index journey_of_worker on journey (worker) where worker is not null;

-- A finished step is a row: what lets a journey survive is what people read.
create table step (
  journey        text not null references journey on delete cascade,
  name           text not null,
  n              int not null,
  kind           text not null,
  result         jsonb,
  began_at       timestamptz not null,
  at             timestamptz not null default clock_timestamp(),
  undone_at      timestamptz,
  primary key (journey, name)
);

create table wait (
  journey        text not null references journey on delete cascade,
  name           text not null,
  -- what is watched: a record, or all records about it
  ref            text not null,
  due_at         timestamptz,
  began_at       timestamptz not null default clock_timestamp(),
  primary key (journey, name)
);
create index wait_for on wait (ref);

create table task (
  task           text primary key,
  journey        text not null references journey on delete cascade,
  name           text not null,
  desk           text not null,
  question       text not null,
  answers        text[] not null,
  facts          jsonb not null default '{}',
  asked_at       timestamptz not null default clock_timestamp(),
  due_at         timestamptz,
  answer         text,
  answered_by    text,
  answered_at    timestamptz,
  unique (journey, name)
);
create index task_open on task (asked_at) where answer is null;

-- Announce --------------------------------------------------------------------------------------------------------------

create table event (
  id             uuid primary key,
  type           text not null,
  subject        text not null,
  data           jsonb not null,
  at             timestamptz not null default clock_timestamp(),
  -- given by the one announcer, in order, after the commit that made the event: readers may follow it
  seq            bigint unique
);
create index event_unannounced on event (at) where seq is null;
create table release (
  release        text primary key,
  build          text not null,
  project        text not null,
  at             timestamptz not null default clock_timestamp()
);

-- Partitions by month, made ahead by the engine; the default catches what no month was made for.
create table change_default partition of change default;
create table record_version_default partition of record_version default;
create table attempt_default partition of attempt default;
