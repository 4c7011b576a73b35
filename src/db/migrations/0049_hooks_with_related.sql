-- Nothing changes here. A run may have hooks beside `many` and `nested`. A process of an older version
-- would call functions for columns of the table for child rows as well, and take in silence what is no
-- value in a list, so it leaves such runs alone (runs.made_with).
select 1;
