create table payments (
  id int primary key, type text not null, amount numeric(10, 2) not null, reason text, clerk text,
  needs_review boolean not null, imported_from text
);
