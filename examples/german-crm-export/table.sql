create table customers (
  email text primary key,
  name text not null,
  born date,
  balance numeric(12, 2),
  active boolean not null default true,
  postcode text
);
insert into customers values ('ana@example.com', 'Ana', '1980-02-01', 0, true, '50667');
