-- Of a batch's failed rows: those that are only counted and grouped, because the run had logged as
-- many as it may (options.max_failed_rows_logged).
alter table @schema@.batches add column unlogged integer not null default 0;
