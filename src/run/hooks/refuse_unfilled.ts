/** Functions for columns that the run doesn't fill would never be called. */
import type { HooksRule } from "../../importer/hooks_rule.ts";
import { DefinitionMismatch } from "../../row/mismatch.ts";
import type { ColumnProgram } from "../../row/pipeline.ts";

/** Throws DefinitionMismatch. */
export function refuseUnfilled(
  { file, uses }: HooksRule,
  programs: readonly ColumnProgram[],
): void {
  for (const name of uses?.columns ?? []) {
    const program = programs.find(({ target }) => target === name);
    if (program === undefined) {
      const filled = programs.map(({ target }) => target).join(", ");
      throw new DefinitionMismatch(
        `${file} has a function for the column ${name}, which this file doesn't fill; ` +
          `it fills ${filled}.`,
      );
    }
    if ((program.lookup?.table.match.length ?? 1) > 1) {
      throw new DefinitionMismatch(
        `${file} has a function for the column ${name}, which is looked up by several values: ` +
          "change them in beforeRow.",
      );
    }
  }
}
