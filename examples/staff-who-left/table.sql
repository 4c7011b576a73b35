create table staff (
  badge text primary key,
  full_name text not null,
  active boolean not null
);
insert into staff values
  ('1', 'Ada', true), ('2', 'Bob', true), ('3', 'Eve', true), ('4', 'Max', false), ('5', 'Tom', true);
