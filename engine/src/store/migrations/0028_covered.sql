-- What was sealed of the rows that there are: when a project marks another field, those that were stored before are sealed too.
alter table master_key add column covers text not null default '';
