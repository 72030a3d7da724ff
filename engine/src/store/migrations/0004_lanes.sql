-- A lane that was closed is tried by one call first, in whichever process; a lane may be narrower for a while than the
-- project allows; and what the system says of its calls of the day is kept for people.

alter table lane
  add column probe_by     text,
  add column probe_until  timestamptz,
  -- How many calls at once the system takes now; null is as many as the project allows.
  add column ceiling      int,
  add column ceiling_at   timestamptz,
  add column calls_used   bigint,
  add column calls_of     bigint;
