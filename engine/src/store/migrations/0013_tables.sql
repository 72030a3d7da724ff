-- Value tables: what our values are called in each system, kept by people; and what waits for a value that is missing.

create table value_table (
  name           text primary key,
  kept_by        text not null,
  says           text not null,
  -- grows with each change: who keeps entries in memory knows by it whether they are the latest
  version        bigint not null default 0,
  -- the systems whose start values were stored; it is done once
  seeded         text[] not null default '{}',
  at             timestamptz not null default clock_timestamp()
);

create table value_entry (
  in_table       text not null references value_table on delete cascade,
  value          text not null,
  system         text not null,
  native         text not null,
  -- both: read and written; read: one more name for it; written: written so, and read as another value
  used           text not null check (used in ('both', 'read', 'written')),
  primary key (in_table, system, native, value)
);
create unique index value_entry_read on value_entry (in_table, system, native) where used in ('both', 'read');
create unique index value_entry_written on value_entry (in_table, system, value) where used in ('both', 'written');

-- How much one unit is of another: of a currency from a day on, of a measure for all things or for one of them.
create table value_rate (
  in_table       text not null references value_table on delete cascade,
  thing          text not null default '',
  source         text not null,
  target         text not null,
  valid_from     date not null default '-infinity',
  rate           numeric not null check (rate > 0),
  primary key (in_table, thing, source, target, valid_from)
);

-- Who changed what, when and why. Nothing here is ever changed.
create table value_history (
  id             bigint generated always as identity primary key,
  in_table       text not null references value_table on delete cascade,
  version        bigint not null,
  at             timestamptz not null default clock_timestamp(),
  by             text not null,
  why            text not null,
  value          text not null,
  system         text not null,
  -- what the system called it before and since, in the form of the entries
  was            jsonb not null,
  "is"           jsonb not null
);
create index value_history_of on value_history (in_table, id desc);

-- What waits for values: their keys (table, system, way, value), since when, and what it is about and worth. Nothing but the
-- value, or something newer, makes it due; it keeps its keys until it is through.
alter table inbox
  add column missing   text[],
  add column held      jsonb;
create index inbox_held on inbox (due_at) where missing is not null;
alter table delivery
  add column missing   text[],
  add column held      jsonb;
create index delivery_held on delivery (due_at) where missing is not null;
