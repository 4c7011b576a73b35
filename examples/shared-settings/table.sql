create table members (id int primary key, email text, points int not null);
insert into members values (1, 'old@example.com', 3);
