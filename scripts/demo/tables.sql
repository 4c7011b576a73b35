-- Two ordinary tables. Definitions needn't repeat what the tables say (types, lengths, NOT NULL).
-- Violations that only Postgres can find (unique, CHECK) are reported as well.
create table airports (
  iata varchar(3) primary key,
  name text not null,
  city text not null,
  state varchar(2) not null,
  latitude numeric not null,
  longitude numeric not null,
  unique (name, city, state),
  constraint guam_and_the_marianas_lie_east check (state not in ('GU', 'CQ') or longitude > 0),
  constraint american_samoa_lies_south check (state <> 'AS' or latitude < 0)
);

create table bird_strikes (
  struck_on date not null,
  airport text not null,
  aircraft text not null,
  operator text not null,
  phase text not null,
  species text not null,
  time_of_day text not null,
  damage text not null,
  cost_usd integer not null,
  speed_knots integer,
  unique (struck_on, airport, aircraft, operator, phase, species, time_of_day),
  constraint what_has_no_damage_costs_nothing check (damage <> 'none' or cost_usd = 0)
);
