-- A role that may create neither temporary tables nor tables in this schema has its rows staged in a
-- table that these functions create for it and drop again, in the same transaction. They run as the
-- schema's owner, so they only do that: a table without rows, with columns of a table into which the
-- role may write, for a role that may work on batches.

create function @schema@.stage_caller() returns name
language sql stable set search_path = pg_catalog, pg_temp as $$
  select case current_setting('role') when 'none' then session_user
    else current_setting('role')::name end;
$$;

-- `sources`: the column of the table whose type each column of the stage has. Null: a number.
create function @schema@.create_stage(stage text, relation oid, names text[], sources text[])
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  caller name := @schema@.stage_caller();
  batches regclass := format('%I.batches', '@schema_name@')::regclass;
  columns text;
begin
  if stage !~ '^ingest stage [0-9a-f]{8}$' then
    raise exception 'not the name of a stage: %', stage;
  end if;
  if not has_table_privilege(caller, batches, 'update')
    or not has_any_column_privilege(caller, relation, 'insert, update')
  then
    raise exception 'the role % may not stage rows for %', caller, relation::regclass
      using errcode = '42501';
  end if;
  select string_agg(format('%I %s', n.name, coalesce(format_type(a.atttypid, a.atttypmod)
      || case when l.oid is null then '' else format(' collate %I.%I', s.nspname, l.collname) end,
      'integer')), ', ' order by n.position)
    into strict columns
    from unnest(names, sources) with ordinality n (name, source, position)
    left join pg_attribute a
      on a.attrelid = relation and a.attname = n.source and a.attnum > 0 and not a.attisdropped
    left join pg_collation l on l.oid = a.attcollation
    left join pg_namespace s on s.oid = l.collnamespace;
  -- The table exists already if a dry run continues in the same transaction.
  execute format('create unlogged table if not exists %I.%I (%s)', '@schema_name@', stage, columns);
  execute format('grant select, insert, delete, truncate on %I.%I to %I', '@schema_name@', stage,
    caller);
end $$;

create function @schema@.drop_stage(stage text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  found regclass := to_regclass(format('%I.%I', '@schema_name@', stage));
begin
  if found is null or stage !~ '^ingest stage [0-9a-f]{8}$'
    or not has_table_privilege(@schema@.stage_caller(), found, 'truncate')
  then return; end if;
  execute format('drop table %s', found);
end $$;
