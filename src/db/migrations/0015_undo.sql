-- Taking back what a run did to its table. An undo is a run of its own, and what it needs to know is
-- written with each batch, in the batch's own transaction.

alter table @schema@.runs
  add column kind text not null default 'import' check (kind in ('import', 'undo')),
  -- The run that an undo takes back, together with its retries: the root of a chain.
  add column undoes_run_id bigint references @schema@.runs on delete cascade,
  add constraint runs_undo_takes_something_back check ((kind = 'undo') = (undoes_run_id is not null));
create index runs_undos on @schema@.runs (undoes_run_id) where undoes_run_id is not null;
create unique index runs_one_active_undo on @schema@.runs (undoes_run_id)
  where undoes_run_id is not null and status in ('pending', 'processing', 'cancelling');

-- In an undo, created rows that were deleted again; `updated` are those that have their old values
-- again, and `failed` those that were left as they are.
alter table @schema@.batches add column deleted integer not null default 0;
alter table @schema@.batches
  -- The table or partition whose blocks `byte_start` to `byte_end` this batch of an undo goes through.
  add column relation oid,
  drop constraint batches_every_row_has_one_outcome;
-- It holds for all batches so far, and to look at them again would take long.
alter table @schema@.batches add constraint batches_every_row_has_one_outcome check (
  created >= 0 and updated >= 0 and skipped >= 0 and failed >= 0 and deleted >= 0 and
  created + updated + skipped + failed + deleted =
    case status when 'completed' then row_count else 0 end) not valid;

-- The tables that a run has written to: one, unless it was replaced meanwhile.
create table @schema@.undo_tables (
  run_id bigint not null references @schema@.runs on delete cascade,
  relation oid not null,
  -- Of the cluster. Numbers of transactions and tables mean nothing in another one.
  system_identifier bigint,
  -- The columns that tell its rows apart, and those whose old values `undo_rows` has.
  identity text[] not null,
  columns text[] not null,
  primary key (run_id, relation)
);

-- The (sub)transactions that a batch's rows were written under. A row's `xmin` is the lower half of
-- such a number for as long as nobody updates the row. It costs nothing to remember, as it is the same
-- for thousands of rows.
create table @schema@.undo_marks (
  run_id bigint not null,
  batch integer not null,
  relation oid not null,
  -- Null only in the batch's own transaction, until its end.
  xid xid8,
  -- What became of the rows under this number, apart from those that `undo_rows` has for it with
  -- another answer.
  wrote text not null check (wrote in ('created', 'updated')),
  -- How many rows that are.
  rows integer,
  foreign key (run_id, batch) references @schema@.batches on delete cascade
);
create index undo_marks_batch on @schema@.undo_marks (run_id, batch);

-- Single rows: those that are the exception under their number, and the old values of updated ones.
create table @schema@.undo_rows (
  run_id bigint not null,
  batch integer not null,
  relation oid not null,
  -- Null only in the batch's own transaction, until its end.
  xid xid8,
  created boolean not null,
  -- The values of the table's `identity`, as text, after the run's write.
  identity text[] not null,
  -- The values of its `columns`, as text, before. Null: they were not kept.
  before text[],
  -- The number that the row had before.
  before_xid xid8,
  foreign key (run_id, batch) references @schema@.batches on delete cascade
);
create index undo_rows_batch on @schema@.undo_rows (run_id, batch);

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
    coalesce(sum(row_count + deferred) filter (where phase > 1 and status = 'completed'), 0)::bigint
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

-- Who is alive, from the locks that Postgres takes away from the dead; and what those who are
-- alive wait for, in words.
create or replace view @schema@.run_health as
with held as materialized (
  select ((classid::bigint << 32) | objid::bigint) as key, pid
  from pg_locks
  where locktype = 'advisory' and objsubid = 1 and granted
    and database = (select oid from pg_database where datname = current_database())
)
select
  p.run_id, p.status, p.total, p.processed, p.successful, p.failed, p.created,
  p.updated, p.skipped, p.deferred, p.open_batches, p.batches, p.rows_per_second,
  coalesce(w.workers, 0) as workers,
  r.status in ('processing', 'cancelling')
    and coalesce(w.workers, 0) = 0
    and not exists (select from held where key = @schema@.lock_key('plan', r.id))
    and q.behind is null
    and clock_timestamp() > interval '5 seconds' + greatest(
      r.created_at, r.started_at, r.cancel_requested_at,
      (select max(greatest(claimed_at, completed_at)) from @schema@.batches where run_id = r.id))
    as stalled,
  coalesce(w.stuck, false) as stuck,
  w.waiting_on,
  q.behind as queued_behind,
  p.deleted
from @schema@.run_progress p
join @schema@.runs r on r.id = p.run_id
left join lateral (
  select
    sum(batches)::bigint as workers,
    bool_or(silent) as stuck,
    -- One line for each reason, in the order of the batches.
    string_agg(
      case when batches = 1 then 'batch ' || numbers || ' waits for '
        else 'batches ' || numbers || ' wait for ' end || because,
      e'\n' order by first) as waiting_on
  from (
    select count(*) as batches, min(b.number) as first, bool_or(c.silent) as silent,
      string_agg(b.number::text, ', ' order by b.number) as numbers,
      case when c.silent then format('a word from %s (pid %s)', c.name, h.pid)
        else lock.reason end as because
    from @schema@.batches b
    join held h on h.key = @schema@.lock_key('batch', b.id)
    left join lateral (
      select coalesce(nullif(application_name, ''), 'its process') as name,
        -- Inside its transaction, and the program that should send has been silent for long.
        wait_event = 'ClientRead' and state in ('active', 'idle in transaction')
          and state_change < clock_timestamp() - interval '10 seconds' as silent
      from pg_stat_activity where pid = h.pid
    ) c on true
    left join lateral (
      select format('%s, locked by %s',
        case locktype
          when 'relation' then 'table ' || regexp_replace(l.relation::regclass::text, '\s+', ' ', 'g')
          when 'transactionid' then 'a row'
          when 'tuple' then 'a row of table ' || regexp_replace(l.relation::regclass::text, '\s+', ' ', 'g')
          else locktype
        end,
        (select coalesce(string_agg(distinct
             case when holder = 0 then 'a prepared transaction' else
               format('%s (pid %s%s)', coalesce(nullif(a.application_name, ''), 'a connection'),
                 holder, ', ' || nullif(a.state, 'active')) end, ' and '), 'nobody any more')
         from unnest(pg_blocking_pids(l.pid)) as holder
         left join pg_stat_activity a on a.pid = holder)) as reason
      from pg_locks l
      -- Shorter waits are what batches have when they write to one table together.
      where not l.granted
        -- A dry run loads batches that depend on others over a connection of their own.
        and l.pid in (
          select pid from held where key in (h.key, @schema@.lock_key('rehearsal', r.id)))
        and l.waitstart < clock_timestamp() - interval '1 second'
      limit 1
    ) lock on true
    where b.run_id = r.id and b.status = 'processing'
    group by because
  ) reasons
) w on r.status in ('processing', 'cancelling')
-- Another run, that workers of all runs are at: they come to this one later.
left join lateral (
  select min(b.run_id) as behind
  from @schema@.runs o
  join @schema@.batches b on b.run_id = o.id
  where o.status in ('pending', 'processing', 'cancelling') and o.id <> r.id
    and b.worker like '% of all runs'
    and (r.source ->> 'host' is null or starts_with(b.worker, (r.source ->> 'host') || ' '))
    and (b.completed_at > clock_timestamp() - interval '5 seconds' or (
      b.status = 'processing'
      and exists (select from held where key = @schema@.lock_key('batch', b.id))))
) q on r.status in ('pending', 'processing') and coalesce(w.workers, 0) = 0;
