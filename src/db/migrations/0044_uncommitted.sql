-- How far a transaction is that loads all of a run: nobody else sees anything of it before it ends. So
-- its worker says it from time to time, over another connection. It is about one claim of the run's first
-- batch, and about one transaction: whoever begins anew overwrites it.
create table @schema@.whole_tries (
  run_id bigint primary key references @schema@.runs on delete cascade,
  batch_id bigint not null,
  -- When the batch was claimed for it.
  claimed_at timestamptz not null,
  doing text not null,
  -- Null until there is something to say.
  xid xid8,
  created bigint not null default 0,
  updated bigint not null default 0,
  skipped bigint not null default 0,
  failed bigint not null default 0,
  rows_per_second float8,
  -- The most frequent reasons why rows failed: [{message, column, rows}].
  failures jsonb not null default '[]'
);

-- A row for each run that a transaction is loading at this moment. None of its rows is in the table, and
-- none counts in `run_progress`, before it is committed. From then on they count there, and not here.
create view @schema@.run_uncommitted as
select t.run_id, t.doing, t.created + t.updated + t.skipped + t.failed as processed,
  t.created, t.updated, t.skipped, t.failed, t.rows_per_second, t.failures
from @schema@.whole_tries t
join @schema@.batches b on b.id = t.batch_id and b.claimed_at = t.claimed_at
  -- If it commits while this looks, the batch is still in progress here: then nothing counts twice.
  and b.status = 'processing'
-- A number that comes later belongs to another cluster, from which the tables were restored.
where case when t.xid < pg_snapshot_xmax(pg_current_snapshot())
  then pg_xact_status(t.xid) in ('in progress', 'committed') else false end;
