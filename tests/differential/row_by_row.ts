/** The reference: Postgres itself, one COPY for each row. */
import { PostgresError, type Session } from "../../src/db/session.ts";
import { identifier, identifiers } from "../../src/db/quoting.ts";

/** Returns the numbers of the rows that Postgres refuses, from 1. */
export async function copyRowByRow(
  session: Session,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly (string | null)[])[],
): Promise<readonly number[]> {
  const refused: number[] = [];
  const statement = `copy public.${identifier(table)} (${identifiers(columns)}) from stdin`;
  await session.query("begin");
  for (const [index, row] of rows.entries()) {
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
function line(row: readonly (string | null)[]): string {
  return row.map((value) =>
    value === null ? "\\N" : value.replace(/[\\\t\n\r]/g, (found) => ESCAPES[found])
  ).join("\t") + "\n";
}
