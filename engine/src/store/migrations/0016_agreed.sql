-- Fields that several roles share: of two edits at once the older gives way, and is kept as a dispute that ended so.
alter table dispute drop constraint dispute_became_check;
alter table dispute add constraint dispute_became_check check (became in
  ('put right', 'refused', 'asked', 'granted', 'applied', 'declined', 'refused there', 'overtaken', 'replaced', 'older'));
