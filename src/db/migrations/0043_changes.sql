-- What a dry run, or a run that is held, would change: by column, with samples.
alter table @schema@.batches add column diff jsonb;

-- The keys of some of the rows that the run's file doesn't have.
alter table @schema@.runs add column absent_rows jsonb;
