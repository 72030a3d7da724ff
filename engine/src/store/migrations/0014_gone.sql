-- What disappears, and what no event told.

-- Up to when, by its own clock, a system's changes have been heard: where a backfill begins when its feed broke for too long.
alter table feed add column heard_up_to timestamptz;
update feed set heard_up_to = live_since;

-- What a system has, compared with what we hold of it, page by page: because its feed was lost or overflew, or as a sweep. An
-- open one that is no sweep is an incident; all of them are kept, since they tell the story.
create table comparison (
  comparison     text primary key,
  system         text not null,
  kind           text not null check (kind in ('lost', 'overflow', 'sweep')),
  objects        text[] not null,
  -- What changed from here on, by the system's clock, is read first; null when there is nothing to read first.
  since          timestamptz,
  reason         text not null,
  asked_by       text,
  -- Only counted: nothing that is found is acted upon.
  preview        boolean not null default false,
  -- object → how far it is and what was found
  progress       jsonb not null default '{}',
  opened_at      timestamptz not null default clock_timestamp(),
  -- everything has been read; what was found is still being understood
  read_at        timestamptz,
  ended_at       timestamptz,
  worker         text,
  epoch          bigint not null default 0,
  claimed_at     timestamptz,
  due_at         timestamptz not null default clock_timestamp(),
  tries          int not null default 0,
  trouble        text
);
create index comparison_open on comparison (system, due_at) where ended_at is null;
create index comparison_of on comparison (system, opened_at);
-- A system has one gap at a time: what is lost meanwhile widens it.
create unique index comparison_gap on comparison (system) where kind <> 'sweep' and ended_at is null;

-- The ids that a comparison saw: what we hold and it did not see is missing there.
create table glimpse (
  comparison     text not null references comparison on delete cascade,
  object         text not null,
  native_id      text not null,
  primary key (comparison, object, native_id)
);
