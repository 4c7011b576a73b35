-- Nothing changes in the tables. But a process of a version before this one doesn't know of hooks, and
-- would load the rows of a run that has some without them: see 0034.
select 1;
