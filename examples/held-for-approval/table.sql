create table salaries (badge text primary key, amount int not null);
insert into salaries values ('a', 100), ('b', 100), ('c', 100);
