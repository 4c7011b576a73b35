create table readings (meter text, hour int, kwh numeric not null, primary key (meter, hour));
