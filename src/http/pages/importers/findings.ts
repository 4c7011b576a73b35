/** What `check` finds out about importers, in words for clients. */
import { basename } from "node:path";
import type { Importer } from "../../../importer/folder.ts";
import type { Problem } from "../../../importer/problem.ts";
import type { Table } from "../../../load/catalog/table.ts";
import { compareWithTable } from "../../../run/request/compare.ts";
import { withoutPaths } from "../../answers/public_words.ts";
import type { ServerContext } from "../../server_context.ts";

export interface Findings {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  /** Null if it can't be read. */
  readonly table: Table | null;
}

/** Milliseconds to wait for a table that somebody has locked: a page is not worth more. */
const PATIENCE = 200;

/** Compares a definition with its table. */
export async function findingsOf(server: ServerContext, importer: Importer): Promise<Findings> {
  const { problems, warnings, catalog } = await server.withLedger(({ session, schemaName }) =>
    compareWithTable(session, importer, schemaName, PATIENCE)
  );
  return {
    problems: problems.map(publicProblem),
    warnings: warnings.map(publicProblem),
    table: catalog,
  };
}

/** With the name of the definition's file, and its line. */
export function publicProblem({ file, message }: Pick<Problem, "file" | "message">): string {
  return withoutPaths(message.replaceAll(file, () => basename(file)));
}
