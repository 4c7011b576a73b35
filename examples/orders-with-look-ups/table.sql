create table companies (id int primary key, name text not null unique);
create table statuses (id int generated always as identity primary key, name text not null unique);
create table orders (
  number int primary key,
  company_id int not null references companies,
  status_id int not null references statuses
);
insert into companies values (1, 'Müller GmbH'), (2, 'Acme');
insert into statuses (name) values ('open');
