create table prices (
  sku text primary key,
  price numeric(10, 2) not null,
  supplier text not null
);
insert into prices values
  ('a-1', 1.50, 'acme'), ('a-2', 2.00, 'acme'), ('a-3', 3.00, 'acme'), ('a-4', 4.00, 'acme'),
  ('b-1', 9.00, 'bolt');
