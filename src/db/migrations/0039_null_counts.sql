-- For runs that a share of missing values may hold (`options.hold_if: null email > 5%`): in how many rows a
-- column was NULL, by column. Null: nobody has counted. Later runs of the importer are compared with it.

alter table @schema@.runs add column nulls jsonb;
