-- What a batch has written to other tables for its rows, such as links in pivot tables: by table,
-- {added, removed}. Null: nothing. Processes of an older version leave runs with it alone
-- (runs.made_with): they would load the rows and forget what belongs to them.

alter table @schema@.batches add column related jsonb;
