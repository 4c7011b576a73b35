-- A retry may try some of the failed rows only: those with certain errors. Which ones is decided when it
-- is created, so whoever plans or resumes it takes the same.
create table @schema@.chosen_rows (
  run_id bigint not null references @schema@.runs on delete cascade,
  -- The first and the last of them, in the same block of 1,024 row numbers. A run has one line a block.
  first_row bigint not null,
  last_row bigint not null,
  -- Bit n stands for the row (first_row & -1024) + n.
  rows bit(1024) not null,
  primary key (run_id, first_row)
);
