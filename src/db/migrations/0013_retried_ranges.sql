-- One mark for up to 1,024 rows that a retry has tried, instead of one for each row: a row took 1.5 us
-- of the server's time and 110 bytes of write-ahead log, a seventh of what a retry takes. Which rows a
-- mark is for is listed exactly, as bits: between them may be rows that another retry has fixed, or
-- that were logged later.

lock table @schema@.retried_rows in access exclusive mode;

create table @schema@.retried_ranges (
  -- The run whose log has the rows: a chain's root.
  run_id bigint not null,
  -- The first and the last of them. All are in the same block of 1,024 row numbers.
  first_row bigint not null,
  last_row bigint not null,
  -- The retry that has tried them last, and whether they are in the table since then.
  by_run_id bigint not null,
  resolved boolean not null,
  -- Bit n stands for the row (first_row & -1024) + n. No row is in two marks.
  rows bit(1024) not null,
  primary key (run_id, first_row)
);
insert into @schema@.retried_ranges
select run_id, min(row_number), max(row_number), by_run_id, resolved,
  bit_or(set_bit(0::bit(1024), (row_number & 1023)::int, 1))
from @schema@.retried_rows group by run_id, row_number & -1024, by_run_id, resolved;

create or replace view @schema@.rows as
select run_id, row_number, line, status, raw, data, errors,
  (select by_run_id from @schema@.retried_ranges r
   where r.run_id = l.run_id and r.first_row between l.row_number & -1024 and l.row_number
     and get_bit(r.rows, (l.row_number & 1023)::int) = 1) as claimed_by_run_id,
  (select by_run_id from @schema@.retried_ranges r
   where r.run_id = l.run_id and r.first_row between l.row_number & -1024 and l.row_number
     and get_bit(r.rows, (l.row_number & 1023)::int) = 1 and resolved) as resolved_by_run_id,
  created_at
from @schema@.logged_rows l;

drop table @schema@.retried_rows;

create or replace function @schema@.delete_rows_of_run() returns trigger
language plpgsql as $$
begin
  delete from @schema@.logged_rows where run_id = old.id;
  delete from @schema@.retried_ranges where run_id = old.id;
  return null;
end $$;
