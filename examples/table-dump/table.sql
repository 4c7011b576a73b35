create table countries (
  code char(2) primary key,
  name text not null,
  continent text,
  notes text
);
insert into countries values ('GH', 'Gold Coast', 'Africa', 'old name');
