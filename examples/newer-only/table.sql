create table contacts (id int primary key, phone text, changed_at timestamptz not null);
insert into contacts values
  (1, '111', '2026-01-10 12:00+00'), (2, '222', '2026-01-10 12:00+00');
