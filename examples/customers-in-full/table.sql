create table companies (id int generated always as identity primary key, name text unique not null);
insert into companies (name) values ('Müller GmbH');
create table customers (
  id int generated always as identity primary key,
  full_name varchar(40) not null,
  email text unique not null,
  age int,
  signup_date date,
  balance numeric(12, 2) not null default 0,
  active boolean,
  plan text not null,
  code text,
  display text,
  status_id int not null,
  refund_reason text,
  imported_by text,
  company_id int references companies,
  updated_at timestamptz,
  constraint balance_not_negative check (balance >= 0)
);
insert into customers (full_name, email, plan, status_id, updated_at) values
  ('Ana Old', 'ana@example.com', 'free', 1, '2026-01-01Z'),
  ('Bo New', 'bo@example.com', 'free', 1, '2026-12-01Z');
