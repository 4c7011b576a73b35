create table rates (
  day date not null,
  currency char(3) not null,
  rate numeric(12, 6) not null,
  primary key (day, currency)
);
insert into rates values ('2026-03-02', 'USD', 1.08);
