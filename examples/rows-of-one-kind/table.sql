create table refunds (
  movement int primary key, amount numeric(10, 2) not null, booked_on date not null, line text
);
