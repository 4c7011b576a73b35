create table entries (entry int primary key, account text not null, amount numeric not null);
