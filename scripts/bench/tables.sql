-- Nearly all workloads load into this table: ten columns and two unique indexes.
create table customers (
  id bigint primary key,
  email text not null unique,
  full_name text not null,
  company text,
  country text not null,
  age integer,
  signup_date date not null,
  balance numeric(12, 2) not null,
  active boolean not null,
  score double precision
);

-- Shows what each row costs, whatever is in it.
create table narrow (
  id bigint primary key,
  name text not null,
  amount integer not null
);
