import type { ColumnProgram } from "../../../row/pipeline.ts";
import { SourceError } from "../../../source/error.ts";

/** How many columns, and how many files of each, a message names. */
const NAMED = 5;

/**
 * Of several files, each has to have every column that the run reads: where one is missing, a file by
 * itself would leave the table's column alone, or be refused. Throws SourceError.
 *
 * `missing`: names of files by column.
 */
export function refuseMissing(
  header: readonly string[],
  readers: readonly Pick<ColumnProgram, "fields">[],
  missing: ReadonlyMap<string, readonly string[]>,
): void {
  const read = new Set(readers.flatMap(({ fields }) => fields.map((field) => header[field])));
  const lacking = [...missing].filter(([column]) => read.has(column));
  if (lacking.length === 0) return;
  const sentences = lacking.slice(0, NAMED)
    .map(([column, files]) => `${JSON.stringify(column)} is missing in ${listed(files)}`);
  const others = lacking.length - sentences.length;
  const more = others > 0 ? `, and ${others} more columns are missing somewhere` : "";
  throw new SourceError(
    `Cannot import these files together: the column ${sentences.join("; ")}${more}. ` +
      "Add what is missing, or import the files that lack it in a run of their own.",
  );
}

function listed(files: readonly string[]): string {
  const named = files.slice(0, NAMED).join(", ");
  return files.length > NAMED ? `${named} and ${files.length - NAMED} more files` : named;
}
