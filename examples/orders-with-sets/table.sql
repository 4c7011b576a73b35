create table orders (
  id int generated always as identity primary key,
  number text not null unique,
  customer text not null
);
create table order_items (
  order_id int not null references orders,
  sku text not null,
  quantity int not null,
  price numeric(8, 2),
  primary key (order_id, sku)
);
create table order_labels (
  order_id int not null references orders,
  label text not null,
  primary key (order_id, label)
);
