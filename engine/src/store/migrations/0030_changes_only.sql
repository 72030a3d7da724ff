-- Who waits for a record to be as it should looks when the record changes. Who opened it also waits for what systems answer about it,
-- even when that says nothing new.
alter table wait add column changes_only boolean not null default false;
