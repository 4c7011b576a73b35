-- The ledger: what was asked for, what is done, what went wrong. People query these tables;
-- names and meanings stay.

-- A lock's 64-bit key: 16 bits say what is locked (of which installation), 48 bits which one.
-- Session-independent, so that any process can compute it from a row's own bigint.
create function @schema@.lock_key(class text, id bigint) returns bigint
language sql immutable parallel safe
return (hashtext('@schema_name@.' || class)::bigint << 48) | (id & ((1::bigint << 48) - 1));

-- The name of the folder with our stored files, so that two databases can share one storage and
-- neither takes the other's files for its own.
create table @schema@.installation (id uuid not null default gen_random_uuid());
insert into @schema@.installation default values;

create table @schema@.runs (
  id bigint generated always as identity primary key,
  -- The root of a chain of retries, and the run that the retry was asked for.
  parent_id bigint references @schema@.runs,
  retried_from_run_id bigint references @schema@.runs,
  importer text not null,
  -- A snapshot, ${…} not expanded: a deploy in the middle of a run changes nothing for it.
  -- json, because the order of its columns is the order of a row's errors.
  definition json not null,
  hooks_hash text,
  user_id text,
  status text not null default 'pending' check (status in (
    'pending', 'processing', 'cancelling',
    'completed', 'completed_with_errors', 'failed', 'cancelled')),
  dry_run boolean not null default false,
  -- Where the bytes are and how to read them: path, size, encoding, delimiter, where data begins.
  source jsonb not null,
  header text[],
  original_filename text,
  -- The spooled copy, if there is one: ours to delete.
  processed_filepath text,
  checksum text,
  -- Null until planning has counted.
  total_rows bigint,
  summary jsonb,
  -- While the status is 'processing', an error means: take nothing more up, then fail.
  error jsonb,
  warnings jsonb not null default '[]',
  -- One batch at a time, in the file's order: for keys whose equality only Postgres can judge.
  in_order boolean not null default false,
  cancel_requested_at timestamptz,
  cancel_requested_by text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  -- How far planning has come: the next unplanned byte, row and line.
  planned_bytes bigint not null default 0,
  planned_rows bigint not null default 0,
  planned_lines bigint not null default 0,
  planned_at timestamptz,
  completed_at timestamptz,
  constraint runs_completed_at_goes_with_status check (
    (completed_at is not null) =
    (status in ('completed', 'completed_with_errors', 'failed', 'cancelled'))),
  constraint runs_total_known_when_planned check (planned_at is null or total_rows is not null)
);
create index runs_open on @schema@.runs (id) where status in ('pending', 'processing', 'cancelling');
create index runs_importer on @schema@.runs (importer, id);
create index runs_retries on @schema@.runs (parent_id) where parent_id is not null;
-- Two retries of one run can't be active together.
create unique index runs_one_active_retry on @schema@.runs (parent_id)
  where parent_id is not null and status in ('pending', 'processing', 'cancelling');

create table @schema@.batches (
  -- What its advisory lock's key is made from.
  id bigint generated always as identity unique,
  run_id bigint not null references @schema@.runs on delete cascade,
  number integer not null,
  -- 1: as planned. 2 and later: rows that had to wait (ingest.deferred), in file order.
  phase smallint not null default 1,
  first_row bigint not null,
  last_row bigint not null,
  first_line bigint not null,
  byte_start bigint not null,
  byte_end bigint not null,
  checksum text,
  -- Rows whose outcome this batch decides: without those that it deferred.
  row_count integer not null,
  deferred integer not null default 0,
  status text not null default 'pending'
    check (status in ('pending', 'processing', 'completed', 'failed')),
  -- Every claim adds one; a claim is valid only while the number is still its own.
  attempts integer not null default 0,
  -- Attempts made alone in a process that then died: what counts towards giving up.
  lone_attempts integer not null default 0,
  claimed_at timestamptz,
  worker text,
  created integer not null default 0,
  updated integer not null default 0,
  skipped integer not null default 0,
  failed integer not null default 0,
  started_at timestamptz,
  completed_at timestamptz,
  error jsonb,
  primary key (run_id, number),
  constraint batches_every_row_has_one_outcome check (
    created >= 0 and updated >= 0 and skipped >= 0 and failed >= 0 and
    created + updated + skipped + failed = case status when 'completed' then row_count else 0 end)
);
create index batches_open on @schema@.batches (run_id, number)
  where status in ('pending', 'processing');

-- Rows that wait for a later phase: an earlier row of the file has, or may have, the same key,
-- or they refer to a row of the target table that was not there yet.
create table @schema@.deferred (
  run_id bigint not null references @schema@.runs on delete cascade,
  row_number bigint not null,
  line bigint not null,
  byte_start bigint not null,
  byte_end bigint not null,
  phase smallint not null default 2,
  -- CRC-32 of the record's bytes.
  checksum bigint not null,
  -- The first row of the file with the same key, and the columns of that key, where known.
  duplicate_of bigint,
  duplicate_key text[],
  -- Hashes of its keys, where later rows with the same keys mustn't overtake it.
  keys text[],
  primary key (run_id, row_number)
);

create table @schema@.rows (
  run_id bigint not null references @schema@.runs on delete cascade,
  row_number bigint not null,
  line bigint not null,
  status text not null check (status in ('created', 'updated', 'skipped', 'failed')),
  -- The record's own bytes: what a retry reads. jsonb can hold neither NUL nor bad UTF-8.
  raw bytea not null,
  -- For people; bytes that can't be decoded are shown as U+FFFD.
  data jsonb not null,
  errors jsonb,
  -- Both are kept in the rows of a chain's root. A claim counts while its retry is not done, and
  -- until another takes the row. No foreign keys: deleting a run would search all rows for it.
  claimed_by_run_id bigint,
  resolved_by_run_id bigint,
  created_at timestamptz not null default now(),
  primary key (run_id, row_number)
);
create index rows_failed on @schema@.rows (run_id, row_number) where status = 'failed';

-- What a retry with an edited file tries instead of the rows' own bytes, in the root's format.
create table @schema@.corrections (
  run_id bigint not null references @schema@.runs on delete cascade,
  row_number bigint not null,
  raw bytea not null,
  primary key (run_id, row_number)
);

create table @schema@.batch_errors (
  run_id bigint not null,
  batch integer not null,
  -- row: one for each failed row, its headline. validation: one for each field message.
  kind text not null check (kind in ('row', 'validation')),
  fingerprint text not null,
  message text not null,
  code text,
  "column" text,
  count integer not null check (count > 0),
  sample_rows bigint[] not null,
  primary key (run_id, batch, kind, fingerprint),
  foreign key (run_id, batch) references @schema@.batches on delete cascade
);

create table @schema@.run_events (
  id bigint generated always as identity primary key,
  run_id bigint not null references @schema@.runs on delete cascade,
  at timestamptz not null default clock_timestamp(),
  type text not null,
  actor text,
  details jsonb
);
create index run_events_run on @schema@.run_events (run_id, id);

-- A run's counts are the sum over its batches, never a second counter that could drift.
create view @schema@.run_progress as
select
  r.id as run_id,
  r.status,
  r.total_rows as total,
  b.created + b.updated + b.skipped + b.failed as processed,
  b.created + b.updated + b.skipped as successful,
  b.failed,
  b.created,
  b.updated,
  b.skipped,
  b.deferred - b.deferred_done as deferred,
  b.open_batches,
  b.batches,
  case
    when r.status = 'processing' then
      b.recent / greatest(least(5, extract(epoch from clock_timestamp() - r.started_at)), 0.001)
    else
      (b.created + b.updated + b.skipped + b.failed)
        / nullif(extract(epoch from r.completed_at - r.started_at), 0)
  end::float8 as rows_per_second
from @schema@.runs r
cross join lateral (
  select
    coalesce(sum(created), 0)::bigint as created,
    coalesce(sum(updated), 0)::bigint as updated,
    coalesce(sum(skipped), 0)::bigint as skipped,
    coalesce(sum(failed), 0)::bigint as failed,
    coalesce(sum(deferred), 0)::bigint as deferred,
    coalesce(sum(row_count + deferred) filter (where phase > 1 and status = 'completed'), 0)::bigint
      as deferred_done,
    count(*) filter (where status in ('pending', 'processing')) as open_batches,
    count(*) as batches,
    coalesce(sum(row_count) filter (
      where status = 'completed' and completed_at > clock_timestamp() - interval '5 seconds'), 0)
      as recent
  from @schema@.batches
  where run_id = r.id
) b;

-- Who is alive, from the locks that Postgres takes away from the dead; and what those who are
-- alive wait for, in words.
create view @schema@.run_health as
with held as materialized (
  select ((classid::bigint << 32) | objid::bigint) as key, pid
  from pg_locks
  where locktype = 'advisory' and objsubid = 1 and granted
    and database = (select oid from pg_database where datname = current_database())
)
select
  p.*,
  coalesce(w.workers, 0) as workers,
  r.status in ('processing', 'cancelling')
    and coalesce(w.workers, 0) = 0
    and not exists (select from held where key = @schema@.lock_key('plan', r.id))
    and clock_timestamp() > interval '5 seconds' + greatest(
      r.created_at, r.started_at, r.cancel_requested_at,
      (select max(greatest(claimed_at, completed_at)) from @schema@.batches where run_id = r.id))
    as stalled,
  coalesce(w.stuck, false) as stuck,
  w.waiting_on
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
          when 'relation' then 'table ' || l.relation::regclass
          when 'transactionid' then 'a row'
          when 'tuple' then 'a row of table ' || l.relation::regclass
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
) w on r.status in ('processing', 'cancelling');
