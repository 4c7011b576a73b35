-- A run may write to several tables: links of its rows, and rows that are in its rows (`many`, `nested`).
-- Each of them has marks of its own. Processes of an older version would note nothing of those, so they
-- leave such runs alone (runs.made_with).

-- How many of the rows were not there before. A row that the run writes again has several marks, and
-- one that it removes again is taken off with a negative number. Null: not known, so at most `rows`.
alter table @schema@.undo_marks add column fresh integer;
