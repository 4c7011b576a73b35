create table staff (
  id int generated always as identity primary key,
  badge text not null unique,
  name text not null,
  manager_id int references staff
);
