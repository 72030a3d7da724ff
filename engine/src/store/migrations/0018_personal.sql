-- What tells of a person is sealed with that person's key. Who loses the key is erased, wherever the seals lie.

create table personal_key (
  -- a record's ref, or the ref that follows from a native id: that is who it is before anybody knows better
  subject        text primary key,
  -- sealed with the master key, which is not in the database; null when the person was erased
  wrapped        bytea,
  erased_at      timestamptz,
  at             timestamptz not null default clock_timestamp(),
  check ((wrapped is null) = (erased_at is not null))
);

-- By which the right master key is known.
create table master_key (
  one            boolean primary key default true check (one),
  fingerprint    text not null
);

-- Who was erased: when, by whom and why. Nothing in it says who that was.
create table erasure (
  ref            text primary key,
  contract       text not null,
  refs           text[] not null,
  by             text not null,
  reason         text not null,
  counts         jsonb not null,
  at             timestamptz not null default clock_timestamp()
);
create index erasure_refs on erasure using gin (refs);

-- What a system still tells of somebody who was erased here. It is dropped, and shown until that system deletes it.
create table still_held (
  system         text not null,
  object         text not null,
  native_id      text not null,
  subject        text not null,
  first_at       timestamptz not null default clock_timestamp(),
  last_at        timestamptz not null default clock_timestamp(),
  times          int not null default 1,
  primary key (system, object, native_id)
);
