/** What only Postgres knows about `on_absent`: whether values fit their columns, and what the role may do. */
import { PostgresError } from "../../db/connection_errors.ts";
import type { Session } from "../../db/session.ts";
import type { AbsentRule } from "../../importer/absent_rule.ts";
import { isTime, NOW, typed } from "../absent/scope.ts";
import { followsDelete, listReferences } from "../undo/undo_relation.ts";
import type { AbsentFacts } from "./absent_facts.ts";
import type { Table, TableColumn } from "./table.ts";

/** Runs in a transaction. Columns that the table doesn't have are left out. */
export async function readAbsent(
  session: Session,
  table: Table,
  { scope, mark }: AbsentRule,
): Promise<AbsentFacts> {
  const given = [
    ...Object.entries(scope).flatMap(([name, values]) =>
      values.map((value) => ({ of: "scope" as const, name, value }))
    ),
    ...(mark === null ? [] : [{ of: "mark" as const, name: mark.column, value: mark.value }]),
  ];
  const wrong: AbsentFacts["wrong"][number][] = [];
  for (const { of, name, value } of given) {
    const column = table.columns.find((each) => each.name === name);
    if (column === undefined || value === null) continue;
    if (value === NOW && of === "mark" && isTime(column)) continue;
    const message = await whyWrong(session, column, value);
    if (message !== null) wrong.push({ of, column: name, message });
  }
  const [{ mayDelete }] = await session.query<{ mayDelete: boolean }>(
    `select has_table_privilege($1::oid, 'delete') as "mayDelete"`,
    [table.oid],
  );
  const hidden = mark === null
    ? (await listReferences(session, table.oid)).filter(followsDelete)
      .filter(({ isReadable }) => !isReadable)
      .map(({ shown, constraint, isPolicy }) => ({ table: shown, constraint, isPolicy }))
    : [];
  return { wrong, mayDelete, hidden };
}

const TRYING = "ingest_absent_value";

async function whyWrong(
  session: Session,
  column: TableColumn,
  value: string,
): Promise<string | null> {
  try {
    await session.savepoint(TRYING, () => session.query(`select ${typed(column, value)}`));
    return null;
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error;
    return error.message;
  }
}
