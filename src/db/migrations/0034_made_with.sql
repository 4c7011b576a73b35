-- A process that goes on with its work while a newer version migrates the tables would load a run of that
-- version as its own would have: without what the definition says and it has never heard of.

alter table @schema@.runs
  -- The last migration of the program that made the run. Only programs that know it work on the run.
  add column made_with integer not null default 0;
