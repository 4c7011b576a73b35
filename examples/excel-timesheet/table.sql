create table hours (
  person text,
  day date,
  hours numeric(4, 2) not null,
  project text,
  origin text,
  primary key (person, day)
);
insert into hours values ('Ana Díaz', '2026-03-02', 8, 'P-1', null);
