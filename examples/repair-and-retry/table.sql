create table plans (id int primary key, name text unique not null);
insert into plans values (1, 'basic'), (2, 'pro');
create table subscribers (
  email text primary key,
  since date,
  plan_id int not null references plans
);
