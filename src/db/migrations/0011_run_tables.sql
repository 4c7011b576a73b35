-- What a run's table was like when the run was created, and after each change that the run has
-- noticed. So a change is told even if the process that notices it wasn't there before: between
-- cancel and resume, say.
create table @schema@.run_tables (
  run_id bigint primary key references @schema@.runs on delete cascade,
  -- See `table_fingerprint`.
  fingerprint text,
  -- In JSON, not binary: the order of the keys is kept.
  shape json not null,
  -- The columns that the run fills. If one of them is gone, the run fails; a `resume` empties this,
  -- and then the rest is loaded without it.
  filled text[] not null
);
