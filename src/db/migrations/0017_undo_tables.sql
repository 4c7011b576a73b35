-- Which cluster this is. Null if the role may not know.
create function @schema@.system_identifier() returns bigint
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  if not has_function_privilege('pg_control_system()', 'execute') then
    return null;
  end if;
  return (select c.system_identifier from pg_control_system() c);
end
$$;
