-- Runs that are loaded by one transaction, as a whole or not at all (options.transaction: run).

alter table @schema@.runs
  -- One transaction loads all batches, when all are planned.
  add column whole boolean not null default false;

-- The planner has put the row off. False: its batch did, because the row refers to one that was not there.
-- That is forgotten if the batch is loaded anew.
alter table @schema@.deferred add column planned boolean not null default true;

alter table @schema@.batches
  drop constraint batches_status_check,
  drop constraint batches_every_row_has_one_outcome;
-- Both hold for all batches so far, and to look at them again would take long.
alter table @schema@.batches
  -- rolled_back: tried in a transaction that was rolled back. What is left of it are its failed rows.
  add constraint batches_status_check check (status in (
    'pending', 'processing', 'completed', 'failed', 'rolled_back')) not valid,
  add constraint batches_every_row_has_one_outcome check (
    created >= 0 and updated >= 0 and skipped >= 0 and failed >= 0 and deleted >= 0 and
    created + updated + skipped + failed + deleted = case status
      when 'completed' then row_count when 'rolled_back' then failed else 0 end) not valid;

-- Views of failed rows show none of a run that has loaded none of its rows: correcting them there would
-- be of no use, as the file has to be imported again.
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
  and not (r.whole and r.status = 'failed')
  and l.status = 'failed' and l.resolved_by_run_id is null and l.waiver_id is null
  and not exists (select from @schema@.undone_runs t where t.run_id = r.id);

-- A run's counts are the sum over its batches, never a second counter that could drift.
create or replace view @schema@.run_progress as
select
  r.id as run_id,
  r.status,
  r.total_rows as total,
  b.created + b.updated + b.skipped + b.failed + b.deleted as processed,
  b.created + b.updated + b.skipped + b.deleted as successful,
  b.failed,
  b.created,
  b.updated,
  b.skipped,
  b.deferred - b.deferred_done as deferred,
  b.open_batches,
  b.batches,
  case
    when r.status = 'processing' then
      -- Since somebody is at work: not since before a pause.
      b.recent / greatest(least(5, extract(epoch from clock_timestamp() - b.at_work_since)), 0.001)
    else
      (b.created + b.updated + b.skipped + b.failed + b.deleted) / nullif(
        coalesce((r.summary ->> 'seconds')::float8,
          extract(epoch from r.completed_at - r.started_at)), 0)
  end::float8 as rows_per_second,
  b.deleted
from @schema@.runs r
cross join lateral (
  select
    coalesce(sum(created), 0)::bigint as created,
    coalesce(sum(updated), 0)::bigint as updated,
    coalesce(sum(skipped), 0)::bigint as skipped,
    coalesce(sum(failed), 0)::bigint as failed,
    coalesce(sum(deleted), 0)::bigint as deleted,
    coalesce(sum(deferred), 0)::bigint as deferred,
    coalesce(sum(row_count + deferred) filter (
      where phase > 1 and status in ('completed', 'rolled_back')), 0)::bigint
      as deferred_done,
    count(*) filter (where status in ('pending', 'processing')) as open_batches,
    count(*) as batches,
    coalesce(sum(row_count) filter (
      where status = 'completed' and completed_at > clock_timestamp() - interval '5 seconds'), 0)
      as recent,
    min(claimed_at) filter (where status = 'processing'
      or completed_at > clock_timestamp() - interval '5 seconds') as at_work_since
  from @schema@.batches
  where run_id = r.id
) b;
