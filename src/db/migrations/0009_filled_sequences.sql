-- Columns that the rows fill although a sequence numbers them: [{table, column, sequence}], as SQL.
-- When the run ends, the sequences are compared with them. Null: there are none.
alter table @schema@.runs add column filled_sequences jsonb;
