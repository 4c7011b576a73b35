-- Rows of the table that a run's file doesn't have (on_absent).

alter table @schema@.runs
  -- What was committed when the run was created: a row that others write later is not absent from its
  -- file. Null: absent rows are kept.
  add column known_rows pg_snapshot,
  -- {in_scope, absent, deleted or marked}. Null: absent rows are kept, or nobody has looked for them.
  add column absent jsonb;

-- The rows that a run has deleted because its file doesn't have them, for whoever takes it back.
create table @schema@.deleted_rows (
  id bigint generated always as identity primary key,
  run_id bigint not null,
  relation oid not null,
  -- Its values as text, by column.
  row jsonb not null,
  -- The number of the transaction that had written it.
  before_xid xid8 not null
);
create index deleted_rows_run on @schema@.deleted_rows (run_id);

create or replace function @schema@.delete_rows_of_run() returns trigger
language plpgsql as $$
begin
  delete from @schema@.logged_rows where run_id = old.id;
  delete from @schema@.retried_ranges where run_id = old.id;
  delete from @schema@.undo_rows where run_id = old.id;
  delete from @schema@.deleted_rows where run_id = old.id;
  return null;
end $$;
