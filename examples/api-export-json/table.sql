create table articles (
  id bigint primary key,
  title text not null,
  author text,
  first_tag text,
  meta jsonb
);
