-- Ten columns and two unique indexes: what nearly all workloads load into.
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

-- What each row costs, whatever is in it.
create table narrow (
  id bigint primary key,
  name text not null,
  amount integer not null
);
