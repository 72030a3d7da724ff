-- Why a field has its value: which build of the project understood a change, and who asked for what.

-- Processes of the same build run the same project. A version's cause names it by this short number.
create table if not exists build (
  build          int generated always as identity primary key,
  hash           text not null unique,
  project        text not null,
  at             timestamptz not null default clock_timestamp()
);

-- Requests for a change are few; found by the record that they are about.
create index if not exists event_requested on event (subject, at) where type = 'change.requested';
