/** The reference: Postgres itself, one statement for each row. */
import { identifier, identifiers, literal } from "../../src/db/quoting.ts";
import { PostgresError, type Session } from "../../src/db/session.ts";
import type { Key, RandomTable } from "./random_table.ts";

type Row = readonly (string | null)[];

/** One COPY for each row. Returns the numbers of the rows that Postgres refuses, from 1. */
export async function copyRowByRow(
  session: Session,
  table: RandomTable,
): Promise<readonly number[]> {
  const refused: number[] = [];
  const statement = `copy ${target(table)} (${identifiers(names(table))}) from stdin`;
  await session.query("begin; set constraints all immediate");
  for (const [index, row] of table.loadable.entries()) {
    await session.query("savepoint row");
    try {
      await session.copyIn(statement, [new TextEncoder().encode(line(row))]);
      await session.query("release savepoint row");
    } catch (error) {
      if (!(error instanceof PostgresError)) throw error;
      refused.push(index + 1);
      await session.query("rollback to savepoint row; release savepoint row");
    }
  }
  await session.query("commit");
  return refused;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
};

/** In COPY's text format. */
function line(row: Row): string {
  return row.map((value) =>
    value === null ? "\\N" : value.replace(/[\\\t\n\r]/g, (found) => ESCAPES[found])
  ).join("\t") + "\n";
}

/** What `applyRowByRow` needs in the database, in a schema where the role may create tables. */
export const APPLY = `
  create procedure reference.apply(fills text[], steps text[], inout refused int[] = '{}')
  language plpgsql as $$
  declare
    found bool; deciding text := steps[1]; existing text := steps[2]; new text := steps[3];
  begin
    set constraints all immediate;
    for number in 1 .. coalesce(array_length(fills, 1), 0) loop
      begin
        execute fills[number];
        execute deciding into found;
        if found is null then raise exception 'a key without a value'; end if;
        execute case when found then existing else new end;
      exception when others then
        refused := refused || number;
      end;
    end loop;
  end $$;
`;

/**
 * For rows that may be in the table already: INSERT … ON CONFLICT for each, or what it stands for.
 * Returns the numbers of those that Postgres refuses.
 */
export async function applyRowByRow(
  session: Session,
  table: RandomTable,
  key: Key,
  rows: readonly Row[],
): Promise<readonly number[]> {
  // Holds a row's values, as its table's columns read them, without any constraint.
  const given = `reference.${identifier(table.name)}`;
  await session.query(
    `create table if not exists ${given} as
     select ${identifiers(names(table))} from ${target(table)} with no data`,
  );
  if (table.triggers.length === 0) await requireValues(session, table, given);
  const fills = rows.map((row) =>
    `with old as (delete from ${given}) insert into ${given} values (${
      row.map((value) => value === null ? "null" : literal(value)).join(", ")
    })`
  );
  const [{ refused }] = await session.query<{ refused: readonly number[] }>(
    "call reference.apply($1::text[], $2::text[])",
    [fills, steps(table, key, given)],
  );
  return refused;
}

/**
 * A row without a value that the table needs is wrong even if it would be skipped, unless a trigger
 * may fill it in.
 */
async function requireValues(session: Session, table: RandomTable, given: string): Promise<void> {
  const required = await session.query<{ name: string }>(
    `select attname as name from pg_attribute
     where attrelid = $1::text::regclass and attnotnull and attnum > 0`,
    [target(table)],
  );
  for (const { name } of required) {
    await session.query(`alter table ${given} alter column ${identifier(name)} set not null`);
  }
}

/** Is the row's key in the table? What to do if so, and if not. */
function steps(table: RandomTable, key: Key, given: string): readonly string[] {
  const is = (what: string) =>
    key.columns.map((column) => what.replaceAll("%", identifier(column))).join(" and ");
  const exists = `select case when ${is("s.% is distinct from null")} then
    exists (select from ${target(table)} t where ${is("t.% = s.%")}) end from ${given} s`;
  const all = identifiers(names(table));
  const insert = `insert into ${target(table)} (${all}) select ${all} from ${given}`;
  if (key.onDuplicate === "fail") return [exists, "select 1 / 0", insert];
  const others = names(table).filter((column) => !key.columns.includes(column));
  if (key.onDuplicate === "skip" || others.length === 0) return [exists, "select", insert];
  const assign = (from: string) =>
    others.map((column) => `${identifier(column)} = ${from}.${identifier(column)}`).join(", ");
  // Under ON CONFLICT, triggers see each row first. An import looks for the key first.
  if (key.isUnique && table.triggers.length === 0) {
    const upsert = `${insert} on conflict (${identifiers(key.columns)})
      do update set ${assign("excluded")}`;
    return [exists, upsert, upsert];
  }
  const update = `update ${target(table)} t set ${assign("s")} from ${given} s
    where ${is("t.% = s.%")} and row(${identifiers(others, "t.")})::record
      operator(pg_catalog.*<>) row(${identifiers(others, "s.")})::record`;
  return [exists, update, insert];
}

function names({ columns }: RandomTable): readonly string[] {
  return columns.map(({ name }) => name);
}

function target({ name }: RandomTable): string {
  return `public.${identifier(name)}`;
}
