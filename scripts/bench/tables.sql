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

-- What comes from a file in which every column has to be cleaned.
create table contacts (
  id bigint primary key,
  name text not null,
  email text not null unique,
  age integer,
  city text not null,
  since date not null,
  revenue numeric(12, 2) not null,
  active boolean not null,
  phone text not null,
  note text,
  label text not null
);

-- Shows what each row costs, whatever is in it.
create table narrow (
  id bigint primary key,
  name text not null,
  amount integer not null
);
