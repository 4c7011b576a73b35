create table customers (
  id int generated always as identity primary key,
  email text not null unique,
  name text
);
create table tags (id int generated always as identity primary key, name text not null unique);
create table customer_tags (
  customer_id int not null references customers on delete cascade,
  tag_id int not null references tags,
  primary key (customer_id, tag_id)
);
create table regions (id int primary key, code text not null unique);
create table customer_regions (
  customer_id int not null references customers on delete cascade,
  region_id int not null references regions,
  primary key (customer_id, region_id)
);
insert into regions values (1, 'EU'), (2, 'US'), (3, 'APAC');
insert into customers (email, name) values ('ann@example.com', 'Ann'), ('bob@example.com', 'Bob');
insert into tags (name) values ('vip'), ('newsletter');
insert into customer_tags values (1, 1), (1, 2), (2, 2);
insert into customer_regions values (1, 3);
