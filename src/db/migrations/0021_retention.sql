-- When the logged rows of a run were removed, because they had been kept for as long as they should.
-- Rows that it has logged since then are still there.
alter table @schema@.runs add column rows_removed_at timestamptz;
