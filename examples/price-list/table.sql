create table products (sku text primary key, name text not null, price numeric(10, 2) not null);
insert into products values ('A-1', 'Chair', 40), ('A-2', 'Table', 90), ('A-3', 'Lamp', 15);
