-- Sources that are loaded by themselves at certain times: when each is due next.

create table @schema@.schedules (
  importer text primary key,
  -- The definition's words: if they change, times are counted anew.
  rule text not null,
  due_at timestamptz not null,
  -- Who is starting the run that is due, and when they were last known to be at it.
  holder uuid,
  seen_at timestamptz,
  -- What became of the last time it was due.
  last_due_at timestamptz,
  last_run_id bigint references @schema@.runs on delete set null,
  last_message text,
  -- When somebody last looked whether it is due, and on which machine.
  looked_at timestamptz not null default clock_timestamp(),
  host text not null
);
create index schedules_run on @schema@.schedules (last_run_id);
