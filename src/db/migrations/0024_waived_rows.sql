-- Rows that somebody has decided not to load. They count neither as fixed nor as unresolved.

create table @schema@.waivers (
  id bigint generated always as identity primary key,
  -- The root of the chain.
  run_id bigint not null references @schema@.runs on delete cascade,
  made_at timestamptz not null default clock_timestamp(),
  made_by text,
  reason text not null,
  -- Which rows were meant: `group 3f9a12`, `rows 4, 17-20`.
  words text not null,
  -- The last run of the chain at that time: it and the ones before it did not know of the decision.
  after_run_id bigint not null
);
create index waivers_run on @schema@.waivers (run_id);

create table @schema@.waived_ranges (
  -- A chain's root.
  run_id bigint not null references @schema@.runs on delete cascade,
  -- The first and the last of the rows, in the same block of 1,024 row numbers.
  first_row bigint not null,
  last_row bigint not null,
  waiver_id bigint not null references @schema@.waivers on delete cascade,
  -- Bit n stands for the row (first_row & -1024) + n. No row is in two lines.
  rows bit(1024) not null,
  primary key (run_id, first_row)
);
create index waived_ranges_waiver on @schema@.waived_ranges (waiver_id);

create or replace view @schema@.rows as
select run_id, row_number, line, status, raw,
  coalesce(data, (
    select jsonb_object(r.header,
      string_to_array(coalesce(l.cells, convert_from(l.raw, 'UTF8')), l.separator))
    from @schema@.runs r where r.id = l.run_id)) as data,
  errors,
  (select by_run_id from @schema@.retried_ranges r
   where r.run_id = l.run_id and r.first_row between l.row_number & -1024 and l.row_number
     and get_bit(r.rows, (l.row_number & 1023)::int) = 1) as claimed_by_run_id,
  (select by_run_id from @schema@.retried_ranges r
   where r.run_id = l.run_id and r.first_row between l.row_number & -1024 and l.row_number
     and get_bit(r.rows, (l.row_number & 1023)::int) = 1 and resolved) as resolved_by_run_id,
  created_at,
  (select waiver_id from @schema@.waived_ranges w
   where w.run_id = l.run_id and w.first_row between l.row_number & -1024 and l.row_number
     and get_bit(w.rows, (l.row_number & 1023)::int) = 1) as waiver_id
from @schema@.logged_rows l;

-- Views of failed rows show no waived ones.
create or replace view @schema@.unresolved_rows as
select r.importer, r.header, l.run_id, l.row_number, l.line, d.data, d.errors, c.cells,
  case when c.drops_surplus is not true then d.surplus end as surplus,
  coalesce(c.cells <> '{}' or c.drops_surplus, false) as corrected
from @schema@.runs r
join @schema@.rows l on l.run_id = r.id
left join @schema@.corrections c on c.run_id = l.run_id and c.row_number = l.row_number
-- OFFSET: each is computed once for a row, and not once for each column that is taken from it.
cross join lateral (
  select l.data,
    -- What the last try says, unless it tried the cells of an edited file.
    coalesce((
      select t.errors from @schema@.logged_rows t
      join @schema@.runs retry on retry.id = t.run_id
      where t.run_id = l.claimed_by_run_id and t.row_number = l.row_number and t.status = 'failed'
        and not retry.source ? 'corrections'), l.errors) as errors,
    case when l.errors #>> '{details,0,code}' in ('malformed', 'encoding') then (
      select string_agg(value, ', ' order by length(key), key) from jsonb_each_text(l.data)
      where key <> all (r.header)) end as surplus
  offset 0
) d
where r.parent_id is null and r.kind = 'import' and not r.dry_run
  and l.status = 'failed' and l.resolved_by_run_id is null and l.waiver_id is null;
