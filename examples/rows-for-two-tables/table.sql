create table clubs (
  id int generated always as identity primary key, code text unique not null, name text not null
);
create table people (
  number int primary key, full_name text not null, club_id int not null references clubs
);
