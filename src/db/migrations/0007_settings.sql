-- How Postgres reads the values of the file and finds the table: the time zone, the order of day
-- and month, the search path and the like, as they were for whoever created the run. Null for older
-- runs, which are loaded with the settings of the session that loads them.
alter table @schema@.runs add column settings jsonb;
