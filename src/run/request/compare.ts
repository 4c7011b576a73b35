/** Compares a definition with its table, without a file, for the `check` command. */
import type { Session } from "../../db/session.ts";
import { TableLocked } from "../../db/table_locked.ts";
import { checkAgainstTable } from "../../importer/against_table/against_table.ts";
import { withCutNames } from "../../importer/against_table/cut_name.ts";
import { DefinitionError } from "../../importer/definition_errors.ts";
import type { Definition } from "../../importer/definition.ts";
import type { Importer } from "../../importer/folder.ts";
import { formatPath, type Origin, placeOf, type Problem } from "../../importer/problem.ts";
import { atRoute, routeDefinitions } from "../../importer/routes/routes.ts";
import { TargetError } from "../../load/catalog/introspect.ts";
import type { UserSettings } from "../../db/session_settings.ts";
import type { Table } from "../../load/catalog/table.ts";
import { checkConstants } from "../../row/wrong_constants.ts";
import { settingsFor } from "../user_settings.ts";
import { obstaclesToAny, planForAny } from "../loadable.ts";
import { undoWarnings } from "../run_undo.ts";
import { lookAtTables } from "../read_table.ts";

export type Finding = Pick<Problem, "file" | "line" | "path" | "message">;

export interface Comparison {
  /** In which local times of a file would be read; null if the table has no column for them. */
  readonly timeZone: string | null;
  readonly problems: readonly Finding[];
  readonly warnings: readonly Finding[];
  /** The table, as the catalog describes it. Null if it can't be read. */
  readonly catalog: Table | null;
}

/** Postgres's types whose values depend on the time zone in which they are read. */
const ZONED: ReadonlySet<string> = new Set(
  ["timestamptz", "timetz", "tstzrange", "tstzmultirange", "_timestamptz"],
);

/** In which local times of a file would be read; null if the table has no column for them. */
export function localTimeZone({ columns }: Table, { TimeZone }: UserSettings): string | null {
  return columns.some(({ baseType }) => ZONED.has(baseType)) ? TimeZone : null;
}

/**
 * Returns all problems, including a missing table. `patience`: milliseconds to wait for a table that
 * somebody has locked. Throws only errors of the database.
 */
export async function compareWithTable(
  session: Session,
  importer: Importer,
  ledgerSchema: string,
  patience?: number,
): Promise<Comparison> {
  const { file, positions } = importer;
  let timeZone: string | null = null;
  let catalog: Table | null = null;
  try {
    const settings = await settingsFor(session, importer.definition, { file, positions });
    const table = await lookAtTables(
      session,
      settings,
      importer.definition,
      ledgerSchema,
      patience,
    );
    catalog = table;
    const routes = table.routes ?? [table];
    for (const each of routes) timeZone ??= localTimeZone(each, settings);
    const problems: Finding[] = [];
    const warnings: Finding[] = [];
    for (const [index, own] of routeDefinitions(importer.definition).entries()) {
      const origin = routes.length === 1
        ? { file, positions }
        : atRoute({ file, positions }, importer.definition, index);
      const found = compareOne(own, routes[index], origin);
      problems.push(...found.problems);
      warnings.push(...found.warnings);
    }
    return { timeZone, catalog, problems, warnings };
  } catch (error) {
    if (error instanceof DefinitionError) {
      return { timeZone, problems: error.problems, warnings: [], catalog };
    }
    if (!(error instanceof TargetError || error instanceof TableLocked)) throw error;
    return { timeZone, problems: [ofTable(error.message)], warnings: [], catalog };
  }

  function ofTable(sentence: string): Finding {
    return asFinding(
      sentence,
      { file, positions },
      importer.definition.tables ? "tables" : "table",
    );
  }
}

function compareOne(
  written: Definition,
  table: Table,
  origin: Origin,
): Pick<Comparison, "problems" | "warnings"> {
  const definition = withCutNames(written, table);
  const { problems, warnings } = checkAgainstTable(definition, table, origin);
  const constants = checkConstants(definition, table, origin);
  const any = obstaclesToAny(definition, table);
  const undone = undoWarnings({
    ...planForAny(definition, table),
    undo: definition.options.undo,
  });
  const ofTable = (sentence: string) => asFinding(sentence, origin, "table");
  return {
    problems: [...problems, ...constants.problems, ...any.problems.map(ofTable)],
    warnings: [...warnings, ...constants.warnings, ...[...any.warnings, ...undone].map(ofTable)],
  };
}

function asFinding(sentence: string, origin: Origin, key: string): Finding {
  const path = origin.whole?.([key]) ?? [key];
  const place = placeOf(origin, path);
  const where = place.line === null ? place.file : `${place.file}:${place.line}`;
  const shown = formatPath(path);
  return { ...place, path: shown, message: `${where}: ${shown}: ${sentence}` };
}
