-- The files that a run fetched from elsewhere, and their versions, as their servers said them.

create table @schema@.remote_objects (
  run_id bigint not null references @schema@.runs on delete cascade,
  -- From 1.
  number integer not null,
  -- SHA-256 of the address that was asked for, which may be a pattern or have secrets in it.
  address text not null,
  -- As people may see it.
  name text not null,
  etag text,
  last_modified text,
  primary key (run_id, number)
);
-- For the last run that fetched from an address.
create index remote_objects_address on @schema@.remote_objects (address, run_id);
