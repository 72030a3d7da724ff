-- What people did, one after the other, each entry with the hash of all before it.

create table audit (
  n              bigint primary key,
  -- the very text that was hashed
  entry          text not null,
  hash           text not null
);

-- The last of them: locked by whoever adds one, so that there is one order.
create table audit_head (
  one            boolean primary key default true check (one),
  n              bigint not null,
  hash           text not null
);
insert into audit_head (n, hash) values (0, '');
