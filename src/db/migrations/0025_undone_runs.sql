-- A run that was taken back can't be retried, so nobody has to correct its failed rows any more.

-- Which runs those are, and by which undo: from its beginning on, unless it has ended without doing
-- anything. Retries are taken back with their root, which is the run that is listed.
create view @schema@.undone_runs as
select u.undoes_run_id as run_id, u.id as by_run_id
from @schema@.runs u
where u.undoes_run_id is not null and not u.dry_run
  and (u.status not in ('failed', 'cancelled') or exists (
    select from @schema@.batches b where b.run_id = u.id and b.deleted + b.updated > 0));

-- Views of failed rows show none of them: not those either that were made before the undo.
create or replace view @schema@.unresolved_rows as
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
  and l.status = 'failed' and l.resolved_by_run_id is null and l.waiver_id is null
  and not exists (select from @schema@.undone_runs t where t.run_id = r.id);

-- As before, but what it waited for may have been an undo or a waiver.
create or replace function @schema@.correct_failed_row() returns trigger
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
  waiver bigint;
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
  select t.by_run_id as id into busy from @schema@.undone_runs t
    where t.run_id = old.run_id order by t.by_run_id desc limit 1;
  if found then
    raise exception 'Cannot correct %: run % takes back what run % did, so its failed rows are not loaded any more. Import the file again.',
      row_name, busy.id, old.run_id using errcode = '55000';
  end if;
  select l.data, l.resolved_by_run_id, l.waiver_id, r.source -> 'format'
    into original, fixed, waiver, source_format
    from @schema@.rows l join @schema@.runs r on r.id = l.run_id
    where l.run_id = old.run_id and l.row_number = old.row_number and l.status = 'failed';
  if not found then
    raise exception 'Cannot correct %: it is no longer in the log of failed rows.', row_name;
  elsif fixed is not null then
    raise exception 'Cannot correct %: run % has loaded it.', row_name, fixed;
  elsif waiver is not null then
    raise exception 'Cannot correct %: it is waived. Take that back first: ingest waive % --undo --rows %',
      row_name, old.run_id, old.row_number;
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
