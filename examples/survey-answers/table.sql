create table answers (
  id int generated always as identity primary key,
  person text not null,
  rating int,
  country text not null,
  comment text
);
