-- What a journey began with is its first step: written once, read when its code runs. In the journey's own row, which
-- changes with every step and is read by each list and count, it was most of the bytes.
insert into step (journey, name, n, kind, result, began_at, at)
select journey, '(start)', -1, 'start', start, started_at, started_at from journey
on conflict do nothing;
alter table journey drop column start;
