/** Refuses files that can't be all that a table should have, where rows they lack don't stay as they are. */
import { rowLimit } from "../../../importer/overridden.ts";
import type { Definition } from "../../../importer/definition.ts";
import { ownColumns } from "../../../report/failed_columns.ts";
import { SourceError } from "../../../source/error.ts";

/** Throws SourceError. */
export function refusePartial(definition: Definition, header: readonly string[]): void {
  const { on_absent: rule } = definition;
  if (rule === undefined) return;
  const does = `rows of the table that the file doesn't have are ${
    rule.do === "delete" ? "deleted" : "marked"
  } (on_absent)`;
  if (rowLimit(definition) !== null) {
    throw new SourceError(
      `Cannot load only the first rows of a file: ${does}, and those would be most of them. ` +
        "Load the whole file.",
    );
  }
  const { errorMessage, rowNumber, runId } = ownColumns([]);
  if ([errorMessage, rowNumber, runId].every((name) => header.includes(name))) {
    throw new SourceError(
      `Cannot import a file of failed rows: it has only some of the rows, and ${does}. ` +
        "Correct its rows and retry its run with it, or import the whole file.",
    );
  }
}
