-- A write that was sent and not answered may still be carried out. What is newer must not be sent before that can no longer
-- happen: the late one would undo it.

alter table delivery
  -- the version that the last attempt carried
  add column sent_version int,
  -- until when an earlier attempt with that version may still arrive, though another one was answered
  add column late_until timestamptz;
