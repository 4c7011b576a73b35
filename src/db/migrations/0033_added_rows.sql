-- Rows that a batch has added to tables in which values are looked up: how many, by table. Null: none.

alter table @schema@.batches add column added jsonb;
