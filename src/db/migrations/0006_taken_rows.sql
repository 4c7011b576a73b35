-- Of the skipped rows, those that a trigger of the table took: it returned NULL, so the row was not
-- written there, but the trigger may have put it elsewhere.
alter table @schema@.batches add column taken integer not null default 0;
alter table @schema@.batches add constraint batches_taken_rows_are_skipped
  check (taken between 0 and skipped);
