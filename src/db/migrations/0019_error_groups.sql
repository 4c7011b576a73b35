-- Groups of errors have names that are the same in every run, and know their rows.

-- What a group is about; see src/ledger/group_id.ts, which has the same for what is written from now on.
create function @schema@.error_group_id(
  kind text, code text, "column" text, message text, cause text
) returns text language sql immutable parallel safe
return (
  with worded as (
    select kind = 'validation' and starts_with(message, 'The ' || "column" || ' field ') as own,
      length('The ' || "column" || ' field ') as start
  )
  select left(md5(convert_to(concat_ws(chr(31), kind,
    case kind when 'row' then coalesce(code, '') else '' end, coalesce("column", ''),
    coalesce(cause, regexp_replace(case
      when kind = 'validation' then
        case when own then left(message, start) else '' end || regexp_replace(regexp_replace(
          regexp_replace(case when own then substr(message, start + 1) else message end,
            'must be one of .*', 'must be one of #'),
          '\(.*\)', '(#)'), '-?[0-9]+([.,:][0-9]+)*', '#', 'g')
      when code = 'database' then regexp_replace(
        regexp_replace(message, '''[^'']*''|"[^"]*"', '#', 'g'), '-?[0-9]+([.,:][0-9]+)*', '#', 'g')
      when code = 'malformed' then regexp_replace(message, ' that opens on line [0-9]+', '')
      else message
    end, '# characters', '# character'))), 'UTF8')), 16)
  from worded
);

-- The errors of a logged row, as groups count them. Where Postgres has worded an error itself, it is
-- listed under both of the names that groups of older and of newer versions have for it.
create function @schema@.error_groups_of(errors jsonb)
returns table (id text, code text, "column" text)
language sql immutable parallel safe
as $$
  select @schema@.error_group_id('row', 'validation', null, errors ->> 'message', null), 'validation',
    null
  where errors -> 'validation' <> '{}'
  union all
  select @schema@.error_group_id('validation', d.code, d."column",
    errors #>> array['validation', d."column", (d.nth - 1)::text], null), d.code, d."column"
  from (
    select detail ->> 'code' as code, detail ->> 'column' as "column",
      row_number() over (partition by detail ->> 'column' order by place) as nth
    from jsonb_array_elements(errors -> 'details') with ordinality as found (detail, place)
  ) d
  where errors -> 'validation' <> '{}'
  union all
  select @schema@.error_group_id('row', d ->> 'code', d ->> 'column', errors ->> 'message', cause),
    d ->> 'code', d ->> 'column'
  from (select errors #> '{details,0}' as d) first,
    unnest(array[null, case when d ->> 'code' = 'database'
      then (d ->> 'sqlstate') || ' ' || (d ->> 'constraint') end]) as cause
  where errors -> 'validation' = '{}' and d is not null
$$;

alter table @schema@.batch_errors
  -- The group's rows, as src/ledger/row_runs.ts packs them, and the last of them; the first one is the
  -- first sample. Null: an older version has written the group, and nobody knows all of its rows.
  add column rows bytea,
  add column last_row bigint;
