/** What became of a table's rows between two moments, found by looking at all of them. */
import type { Session } from "../../src/db/session.ts";
import type { Changes } from "../../src/report/change_schema.ts";

/** By what the primary key has; the values as text. Null: the table has no primary key. */
export type TableRows = ReadonlyMap<string, Row> | null;
type Row = Readonly<Record<string, string | null>>;

/** `tables`: as a run names them. */
export async function tableRows(session: Session, tables: string): Promise<TableRows> {
  const names = tables.split(", ");
  const all = new Map<string, Row>();
  for (const table of names) {
    const rows = await rowsOf(session, table);
    if (rows === null) return null;
    // Of several tables, columns say theirs.
    const named = (row: Row): Row =>
      names.length === 1 ? row : Object.fromEntries(
        Object.entries(row).map(([name, value]) => [`${table}.${name}`, value]),
      );
    for (const [key, row] of rows) all.set(`${table}\n${key}`, named(row));
  }
  return all;
}

async function rowsOf(session: Session, table: string): Promise<TableRows> {
  const key = await session.query<{ name: string }>(
    `select a.attname as name from pg_index i
     join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
     where i.indrelid = $1::regclass and i.indisprimary`,
    [table],
  );
  if (key.length === 0) return null;
  const rows = await session.query<{ row: Row }>(
    `select (select jsonb_object_agg(key, value) from jsonb_each_text(to_jsonb(t))) as row
     from ${table} t`,
  );
  return new Map(rows.map(({ row }) => [key.map(({ name }) => row[name]).join("\n"), row]));
}

/** In the form of what a dry run says, without samples. */
export function changesBetween(before: TableRows, after: TableRows) {
  if (before === null || after === null) return null;
  const columns: Record<string, number> = {};
  let [created, changed] = [0, 0];
  for (const [key, row] of after) {
    const old = before.get(key);
    const differing = old === undefined
      ? []
      : Object.keys(row).filter((name) => row[name] !== old[name]);
    if (old === undefined) created++;
    else if (differing.length > 0) changed++;
    for (const name of differing) columns[name] = (columns[name] ?? 0) + 1;
  }
  const deleted = [...before.keys()].filter((key) => !after.has(key)).length;
  return { created, changed, deleted, columns };
}

/** `mark`: the column that is set in rows that the file doesn't have. */
export function changesIn(
  { created, updated, deleted = 0, marked = 0, columns }: Changes,
  mark: string | null,
) {
  const changed = Object.fromEntries(columns.map(({ column, rows }) => [column, rows]));
  if (mark !== null && marked > 0) changed[mark] = (changed[mark] ?? 0) + marked;
  return {
    created,
    changed: updated + marked,
    deleted,
    columns: changed,
  };
}
