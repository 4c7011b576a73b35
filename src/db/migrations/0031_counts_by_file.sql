-- What came of the rows of each file, where a run reads several.

-- Of a completed batch: a list of [number of the file, created, updated, skipped] for the files of its
-- rows. Null if the run reads one file, or if an older version has loaded the batch.
alter table @schema@.batches add column by_file jsonb;
