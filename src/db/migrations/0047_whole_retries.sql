-- A run that was all rows or none, and has loaded none, is retried with all of its rows, in a run of its
-- own (runs.source ->> 'completes'). So its failed rows are shown to be corrected, unless such a run has
-- loaded them, or is about to.
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
  and not (r.whole and (r.status in ('held', 'cancelled', 'cancelling', 'processing')
    or r.status = 'failed' and exists (
      select from @schema@.runs o
      where o.id <> r.id and not o.dry_run and o.kind = 'import'
        and coalesce((o.source #>> '{completes,first}')::bigint, o.id)
          = coalesce((r.source #>> '{completes,first}')::bigint, r.id)
        and (o.status in ('pending', 'processing', 'cancelling', 'held')
          or o.status in ('completed', 'completed_with_errors')
            and not exists (select from @schema@.undone_runs t where t.run_id = o.id)))))
  and l.status = 'failed' and l.resolved_by_run_id is null and l.waiver_id is null
  and not exists (select from @schema@.undone_runs t where t.run_id = r.id);
