-- Who asked for what is read from the disputes; nobody looks for events by their record.
drop index if exists event_requested;
