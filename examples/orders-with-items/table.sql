create table products (id int primary key, sku text not null unique);
create table orders (
  id int generated always as identity primary key,
  number text not null unique,
  customer text not null,
  ordered_on date
);
create table order_items (
  id int generated always as identity primary key,
  order_id int not null references orders on delete cascade,
  line int not null,
  product_id int not null references products,
  quantity int not null,
  options jsonb,
  unique (order_id, line)
);
create table item_discounts (
  item_id int not null references order_items on delete cascade,
  code text not null,
  percent numeric(5, 2),
  primary key (item_id, code)
);
insert into products values (1, 'PEN'), (2, 'INK'), (3, 'PAD');
insert into orders (number, customer, ordered_on) values ('2024-1', 'Ann', '2024-05-01');
insert into order_items (order_id, line, product_id, quantity) values (1, 1, 1, 10);
