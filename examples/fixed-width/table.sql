create table accounts (number text primary key, name text, opened date, balance numeric);
