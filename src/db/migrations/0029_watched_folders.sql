-- Files of folders that are watched: each is taken once, whoever looks and whatever crashes.

create table @schema@.watched_files (
  id bigint generated always as identity primary key,
  importer text not null,
  -- Its path within the watched folder.
  name text not null,
  -- What tells it from another file of that name. The time is the file server's, in milliseconds; it is
  -- only compared with itself.
  size bigint not null,
  mtime bigint,
  -- claimed: somebody copies it into storage. loading: it has a run. refused: it can't have one.
  -- ended: it was moved, or replaced by another file.
  state text not null default 'claimed'
    check (state in ('claimed', 'loading', 'refused', 'ended')),
  -- Who claimed it, and when they were last known to be at it; the machine, in the end that of whoever
  -- moved it.
  holder uuid not null,
  host text not null,
  seen_at timestamptz not null default clock_timestamp(),
  run_id bigint references @schema@.runs on delete set null,
  -- For those without a run: which folder they belong to.
  goes_to text check (goes_to in ('done', 'failed')),
  -- Why it was refused, or why it has not been moved.
  message text,
  -- Where it was moved to, or is going to be; and who tried last.
  moved_to text,
  tried_at timestamptz,
  ended_at timestamptz
);
-- One file of a name at a time.
create unique index watched_files_open on @schema@.watched_files (importer, name)
  where state <> 'ended';
create index watched_files_run on @schema@.watched_files (run_id);

-- What each machine saw when it last looked.
create table @schema@.watched_folders (
  importer text not null,
  host text not null,
  -- As the definition says it.
  path text not null,
  looked_at timestamptz not null default clock_timestamp(),
  -- Files that wait to be taken.
  waiting integer not null,
  problem text,
  primary key (importer, host)
);
