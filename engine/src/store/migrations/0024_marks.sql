-- How often a delivery was marked: whoever works on it sees that it was marked once more meanwhile, be it for the same version.
alter table delivery add column marks int not null default 0;
