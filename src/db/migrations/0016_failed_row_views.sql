-- Failed rows that people correct with SQL, in a view for each importer (`ingest view`). What somebody
-- writes into a cell is kept here, beside the log, until a retry has loaded the row.

alter table @schema@.corrections
  alter column raw drop not null,
  -- Of a chain's root: the cells that were changed, by the source's column. The other cells keep their
  -- bytes. `{}`: they were changed, and then changed back.
  add column cells jsonb,
  -- Fields beyond the header are left out.
  add column drops_surplus boolean not null default false,
  add column made_by text,
  add column made_at timestamptz,
  -- The last run of the chain at that time: it and the ones before it did not know of the change.
  add column after_run_id bigint,
  -- Of a retry: what it tries instead of the row's own bytes. It holds for all rows so far.
  add constraint corrections_are_bytes_or_cells check ((raw is null) <> (cells is null)) not valid;

-- All errors of a failed row in words. `names`: what the file calls columns of the table, where it
-- calls them otherwise.
create function @schema@.failure_words(errors jsonb, names jsonb) returns text
language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
  select coalesce(
    (select string_agg(case
         when names ? c.name and starts_with(m.text, format('The %s field ', c.name)) then
           format('The %s field (%s) %s', names ->> c.name, c.name,
             substr(m.text, length(format('The %s field ', c.name)) + 1))
         else m.text end, ' ' order by c.place, m.place)
     from (
       select d.value ->> 'column' as name, min(d.ordinality) as place
       from jsonb_array_elements(errors -> 'details') with ordinality d
       where d.value ->> 'column' is not null group by 1
     ) c
     cross join lateral jsonb_array_elements_text(
       coalesce(errors -> 'validation' -> c.name, '[]')) with ordinality m (text, place)),
    case
      when names ? (errors #>> '{details,0,column}')
        and starts_with(errors ->> 'message', format('The %s field ', errors #>> '{details,0,column}'))
      then format('The %s field (%s) %s', names ->> (errors #>> '{details,0,column}'),
        errors #>> '{details,0,column}', substr(errors ->> 'message',
          length(format('The %s field ', errors #>> '{details,0,column}')) + 1))
      else errors ->> 'message' end
      || coalesce(' It wants: ' || (
        select string_agg(d ->> 'check', ' ') from jsonb_array_elements(errors -> 'details') d) || '.', '')
      || coalesce(' It is: ' || case when errors #>> '{details,0,code}' = 'encoding'
        then errors #>> '{details,0,value}' end, ''));
$$;

-- The failed rows of imports that no retry has loaded yet, with what the views show of them. A view of
-- an importer chooses from these.
create view @schema@.unresolved_rows as
select r.importer, r.header, l.run_id, l.row_number, l.line, d.data, d.errors, c.cells,
  case when c.drops_surplus is not true then d.surplus end as surplus,
  coalesce(c.cells <> '{}' or c.drops_surplus, false) as corrected
from @schema@.runs r
join @schema@.rows l on l.run_id = r.id
left join @schema@.corrections c on c.run_id = l.run_id and c.row_number = l.row_number
-- OFFSET: each is computed once for a row, and not once for each column that is taken from it.
cross join lateral (
  select l.data,
    -- What the last try says, unless it tried the cells of an edited file.
    coalesce((
      select t.errors from @schema@.logged_rows t
      join @schema@.runs retry on retry.id = t.run_id
      where t.run_id = l.claimed_by_run_id and t.row_number = l.row_number and t.status = 'failed'
        and not retry.source ? 'corrections'), l.errors) as errors,
    case when l.errors #>> '{details,0,code}' in ('malformed', 'encoding') then (
      select string_agg(value, ', ' order by length(key), key) from jsonb_each_text(l.data)
      where key <> all (r.header)) end as surplus
  offset 0
) d
where r.parent_id is null and r.kind = 'import' and not r.dry_run
  and l.status = 'failed' and l.resolved_by_run_id is null;

-- What happens instead of a change in such a view. It runs as the schema's owner, so that the
-- privilege to update the view is enough; `tg_argv[0]` says which columns of the view have another
-- name than the source's, as `{"name in the view": "name in the source"}`.
create function @schema@.correct_failed_row() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  own constant text[] := array['run_id', 'row_number', 'line', 'reason', 'corrected', 'surplus'];
  names jsonb := tg_argv[0]::jsonb;
  here text := format('%I.%I', tg_table_schema, tg_table_name);
  before jsonb;
  after jsonb;
  row_name text;
  original jsonb;
  source_format jsonb;
  changed jsonb := '{}';
  restored text[] := '{}';
  drops boolean := false;
  fixed bigint;
  busy record;
  name text;
  value text;
begin
  if tg_table_schema <> '@schema_name@' then
    raise exception 'This is not a view of failed rows.';
  elsif tg_op = 'INSERT' then
    raise exception 'Cannot insert into %: it shows rows that failed. Load new rows with a run: ingest run', here
      using errcode = '0A000';
  elsif tg_op = 'DELETE' then
    raise exception 'Cannot delete from %: a row leaves it when a retry has loaded it: ingest retry %', here, old.run_id
      using errcode = '0A000';
  end if;
  before := to_jsonb(old);
  after := to_jsonb(new);
  row_name := format('row %s of run %s', old.row_number, old.run_id);
  foreach name in array own loop
    continue when before ->> name is not distinct from after ->> name;
    if name <> 'surplus' then
      raise exception 'Cannot change % of %: only the source''s own columns can be corrected.', name, row_name
        using errcode = '0A000';
    elsif coalesce(after ->> name, '') <> '' then
      raise exception 'Cannot change surplus of %: set it to null to drop the fields that the header has no column for.', row_name
        using errcode = '0A000';
    end if;
    drops := true;
  end loop;

  -- A retry that begins, is resumed or deleted holds this lock, and waits for ours.
  perform from @schema@.runs where id = old.run_id for share;
  if not found then
    raise exception 'Cannot correct %: the run was deleted.', row_name;
  end if;
  select id, status into busy from @schema@.runs
    where (id = old.run_id or parent_id = old.run_id) and status in ('pending', 'processing', 'cancelling')
    order by id desc limit 1;
  if found then
    raise exception 'Cannot correct %: run % is %. Wait until it has ended: ingest wait %',
      row_name, busy.id, busy.status, busy.id using errcode = '55006';
  end if;
  select l.data, l.resolved_by_run_id, r.source -> 'format' into original, fixed, source_format
    from @schema@.rows l join @schema@.runs r on r.id = l.run_id
    where l.run_id = old.run_id and l.row_number = old.row_number and l.status = 'failed';
  if not found then
    raise exception 'Cannot correct %: it is no longer in the log of failed rows.', row_name;
  elsif fixed is not null then
    raise exception 'Cannot correct %: run % has loaded it.', row_name, fixed;
  end if;

  for name, value in select * from jsonb_each_text(after) loop
    continue when name = any (own) or coalesce(before ->> name, '') = coalesce(value, '');
    if source_format ->> 'quote' is null and source_format ? 'quote' and (value ~ '[\r\n]'
      or strpos(value, left(source_format ->> 'delimiter', 1)) > 0)
    then
      raise exception 'Cannot correct "%" of %: the value holds a delimiter or a line break, and the source has no quotes (source.quote: none).', name, row_name
        using errcode = '22023';
    elsif octet_length(value) > 15000000 then
      raise exception 'Cannot correct "%" of %: the value is longer than a row can be.', name, row_name
        using errcode = '22023';
    end if;
    name := coalesce(names ->> name, name);
    if coalesce(original ->> name, '') = coalesce(value, '') then
      restored := restored || name;
    else
      changed := changed || jsonb_build_object(name, coalesce(value, ''));
    end if;
  end loop;
  if changed = '{}' and restored = '{}' and not drops then
    return new;
  end if;
  -- Cell by cell: somebody else may just have corrected another one.
  insert into @schema@.corrections as c
    (run_id, row_number, cells, drops_surplus, made_by, made_at, after_run_id)
  values (old.run_id, old.row_number, changed, drops, @schema@.stage_caller(), clock_timestamp(),
    (select max(id) from @schema@.runs where id = old.run_id or parent_id = old.run_id))
  on conflict (run_id, row_number) do update set
    cells = (c.cells || excluded.cells) - restored,
    drops_surplus = c.drops_surplus or excluded.drops_surplus,
    made_by = excluded.made_by, made_at = excluded.made_at, after_run_id = excluded.after_run_id
  returning c.cells <> '{}' or c.drops_surplus into new.corrected;
  return new;
end $$;
