create table bookings (
  reference text primary key,
  booked_on date not null,
  payee text not null,
  amount numeric(12, 2) not null,
  imported_by text not null
);
insert into bookings values ('AB000001', '2026-03-02', 'Rent', -900, 'by hand');
