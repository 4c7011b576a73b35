-- Runs that wait for somebody's decision before they load anything (options.release, options.hold_if).

alter table @schema@.runs
  -- Rows that fail are set aside, though one transaction loads all others.
  add column sets_aside boolean not null default false,
  -- Why it was held last, and what it would have done: {because, rows, created, updated, skipped, failed}.
  add column held jsonb,
  add column held_at timestamptz,
  add column released_at timestamptz,
  add column released_by text,
  drop constraint runs_status_check;
-- It holds for all runs so far, and to look at them again would take long.
alter table @schema@.runs
  add constraint runs_status_check check (status in (
    'pending', 'processing', 'cancelling', 'held',
    'completed', 'completed_with_errors', 'failed', 'cancelled')) not valid;
create index runs_held on @schema@.runs (id) where status = 'held';

-- Failed rows are shown to be corrected only if the rows beside them were loaded.
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
  and not (r.whole and r.status in ('failed', 'held', 'cancelled', 'cancelling', 'processing'))
  and l.status = 'failed' and l.resolved_by_run_id is null and l.waiver_id is null
  and not exists (select from @schema@.undone_runs t where t.run_id = r.id);
