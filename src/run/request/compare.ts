/** Compares a definition with its table, without a file, for the `check` command. */
import type { Session } from "../../db/session.ts";
import { checkAgainstTable } from "../../importer/against_table.ts";
import { DefinitionError } from "../../importer/definition_errors.ts";
import type { Importer } from "../../importer/folder.ts";
import type { Problem } from "../../importer/problem.ts";
import { introspect, TargetError } from "../../load/introspect.ts";

export type Finding = Pick<Problem, "file" | "line" | "path" | "message">;

export interface Comparison {
  readonly problems: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/** Returns all problems, including a missing table. Throws only errors of the database. */
export async function compareWithTable(
  session: Session,
  importer: Importer,
  ledgerSchema: string,
): Promise<Comparison> {
  const { definition, file, positions } = importer;
  try {
    const table = await introspect(session, definition.table, ledgerSchema);
    return checkAgainstTable(definition, table, { file, positions });
  } catch (error) {
    if (error instanceof DefinitionError) return { problems: error.problems, warnings: [] };
    if (!(error instanceof TargetError)) throw error;
    const line = positions.get("table") ?? null;
    const where = line === null ? file : `${file}:${line}`;
    const message = `${where}: table: ${error.message}`;
    return { problems: [{ file, line, path: "table", message }], warnings: [] };
  }
}
