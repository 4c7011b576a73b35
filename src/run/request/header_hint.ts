/** If a file's header doesn't fit, the names are often further down, below a title. */
import type { Table } from "../../load/table.ts";
import { HeaderMismatch } from "../../row/compile.ts";
import { otherHeaders, type ResolvedSource } from "../../source/open.ts";
import { fit, type RunShape } from "../program.ts";

/** A file that was opened, and the run that it doesn't fit. */
export interface OpenedFile {
  readonly run: RunShape;
  readonly source: ResolvedSource;
  readonly name: string;
}

/** The mismatch, with the line that has the names, if there is one. */
export async function withHint(
  mismatch: HeaderMismatch,
  table: Table,
  { run, source, name }: OpenedFile,
): Promise<HeaderMismatch> {
  const rule = run.definition.source;
  if (rule.header !== true) return mismatch;
  for (const { skipLines, line, names } of await otherHeaders(source, rule, name)) {
    try {
      fit({ ...run, header: names }, table);
    } catch (error) {
      if (error instanceof HeaderMismatch) continue;
      return mismatch;
    }
    return new HeaderMismatch(
      `${mismatch.message} But line ${line} has the names: load the file with ` +
        `--skip-lines ${skipLines}, or set skip_lines: ${skipLines} in the definition's source.`,
      { cause: mismatch },
    );
  }
  return mismatch;
}
