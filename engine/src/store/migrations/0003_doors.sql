-- What people do: answers with a comment, questions that go on to another desk, systems that somebody pauses.

alter table task
  add column comment       text,
  -- from escalates_at on the question is also on another desk's list; escalated_at says since when it is
  add column escalates_to  text,
  add column escalates_at  timestamptz,
  add column escalated_at  timestamptz,
  -- the journey ended before anybody answered
  add column withdrawn_at  timestamptz;
update task t set withdrawn_at = j.ended_at from journey j where j.journey = t.journey and j.ended_at is not null and t.answer is null;
drop index task_open;
create index task_open on task (asked_at, task) where answer is null and withdrawn_at is null;
create index task_asked on task (asked_at, task);
create index task_answered on task (answered_at, task) where answer is not null;

alter table lane
  add column paused_by     text,
  add column paused_at     timestamptz,
  add column pause_reason  text;

-- How many calls of each process are under way, as it says itself about once a second. Nothing is lost with it.
create unlogged table lane_use (
  system         text not null,
  worker         text not null,
  in_use         int not null,
  at             timestamptz not null default clock_timestamp(),
  primary key (system, worker)
) with (fillfactor = 50);

-- What is still to be brought to a system, and since when.
create index delivery_queue on delivery (system, state, since) where state in ('due', 'waiting');
