-- The files of runs that read several. Their rows lie one file after the other in the run's copy.

create table @schema@.run_files (
  run_id bigint not null references @schema@.runs on delete cascade,
  -- In the order of the rows, from 1.
  number integer not null,
  -- Its path within the folder that all of them are in.
  name text not null,
  -- Of the file itself: bytes, and SHA-256.
  size bigint not null,
  checksum text not null,
  -- The place of its first row in the copy, and the physical line there, in the file itself.
  byte_start bigint not null,
  data_line bigint not null,
  -- How many rows of the run come before; null until the file is planned.
  rows_before bigint,
  primary key (run_id, number)
);
-- For the file of a row.
create index run_files_rows on @schema@.run_files (run_id, rows_before);
