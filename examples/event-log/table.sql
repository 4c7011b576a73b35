create table events (
  seq bigint,
  at timestamptz,
  level text not null,
  user_id integer,
  message text not null,
  details jsonb,
  primary key (seq, at)
) partition by range (at);
create table events_2026_03 partition of events for values from ('2026-03-01Z') to ('2026-04-01Z');
create table events_2026_04 partition of events for values from ('2026-04-01Z') to ('2026-05-01Z');
insert into events values (1, '2026-03-31 23:59:58Z', 'info', 7, 'login', null);
