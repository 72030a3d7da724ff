-- By when the checkpoints of a journey are due that count in working days: counted once, by the calendar of then.
alter table journey add column counted jsonb not null default '{}';
