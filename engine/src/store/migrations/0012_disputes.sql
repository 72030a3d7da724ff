-- Disputes: what somebody edited without owning the field, and what became of it. A change request is one that a desk is
-- asked about: a task without a journey.

create table dispute (
  -- follows from what was wanted, where, by whom and when: the same edit heard twice is one dispute
  dispute      text primary key,
  ref          text not null,
  contract     text not null,
  -- 'quantity'; of lines 'lines.quantity', and 'lines' for a whole line
  field        text not null,
  line         text,
  -- where it was edited, by whom in that system's words, and when by its clock
  system       text not null,
  by           text,
  edited_at    timestamptz not null,
  at           timestamptz not null default clock_timestamp(),
  -- the role that owned the field then
  owner        text,
  wanted       jsonb,
  held         jsonb,
  version      int not null,
  -- put right, refused: done with. asked: a desk decides. granted: it became a version and is on its way to the owner's system.
  -- applied, declined, refused there, overtaken, replaced: how a request ended.
  became       text not null check (became in
                 ('put right', 'refused', 'asked', 'granted', 'applied', 'declined', 'refused there', 'overtaken', 'replaced')),
  reason       text,
  decided_by   text,
  decided_at   timestamptz,
  -- decided, and the record not yet brought to it
  due          boolean not null default false
);
create index dispute_newest on dispute (at, dispute);
create index dispute_of on dispute (ref, field, at);
create index dispute_asked on dispute (ref) where became = 'asked';
create index dispute_due on dispute (at) where due;

alter table task
  alter column journey drop not null,
  -- of a task without a journey: the record it is about, what that is called, and the dispute that it decides
  add column ref       text,
  add column title     text,
  add column dispute   text references dispute,
  add constraint task_is_asked check (journey is not null or (ref is not null and title is not null and dispute is not null));
create index task_of_dispute on task (dispute) where dispute is not null;
create index task_of_ref on task (ref) where ref is not null;

alter table delivery
  -- what the record is to say there of somebody's edit, where the mapping names a field for it
  add column says      text,
  -- disputes that were granted: with them go fields that the system itself owns
  add column grants    text[] not null default '{}';
