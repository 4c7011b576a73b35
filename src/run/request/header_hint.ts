/** If a file's header doesn't fit, the names are often further down, below a title. */
import { readDelimiter } from "../../importer/read_options.ts";
import type { Table } from "../../load/catalog/table.ts";
import { DefinitionMismatch, HeaderMismatch } from "../../row/compile.ts";
import { isDelimited, lineWord } from "../../source/format.ts";
import type { ResolvedSource } from "../../source/resolved_source.ts";
import { otherHeaders } from "../../source/other_headers.ts";
import { fit, type RunShape } from "../fit.ts";

/** A file that was opened, and the run that it doesn't fit. */
export interface OpenedFile {
  readonly run: RunShape;
  readonly source: ResolvedSource;
  readonly name: string;
}

/** The mismatch, with the line that has the names, or what separates them, if that can be seen. */
export async function withHint(
  mismatch: HeaderMismatch,
  table: Table,
  { run, source, name }: OpenedFile,
): Promise<HeaderMismatch> {
  const rule = run.definition.source;
  if (rule.header !== true || !isDelimited(source.format)) return mismatch;
  const fits = (names: readonly string[]) => fitsTable(run, names, table);
  for (const { skipLines, line, names } of await otherHeaders(source, rule, name)) {
    if (!fits(names)) continue;
    return hinted(
      mismatch,
      `But ${lineWord(source.format)} ${line} has the names: load the file with ` +
        `--skip-lines ${skipLines}, or set skip_lines: ${skipLines} in the definition's source.`,
    );
  }
  const header = source.header.join(source.format.delimiter);
  const delimiter = rule.delimiter === "auto"
    ? separators(header).find((one) => fits(header.split(one).map(bare)))
    : undefined;
  if (delimiter === undefined) return mismatch;
  const shown = JSON.stringify(delimiter);
  const isTypable = /^[!-~\u00a1-\uffff]+$/u.test(delimiter);
  return hinted(
    mismatch,
    `But they fit if ${shown} separates them: ` +
      (isTypable
        ? `load the file with --delimiter ${
          quoted(delimiter)
        }, or set delimiter: ${shown} in the ` +
          "definition's source."
        : `set delimiter: ${shown} in a definition's source.`),
  );
}

function fitsTable(run: RunShape, names: readonly string[], table: Table): boolean {
  try {
    fit({ ...run, header: names }, table);
    return true;
  } catch (error) {
    if (error instanceof HeaderMismatch || error instanceof DefinitionMismatch) return false;
    throw error;
  }
}

function hinted(mismatch: HeaderMismatch, hint: string): HeaderMismatch {
  return new HeaderMismatch(`${mismatch.message} ${hint}`, { cause: mismatch });
}

/** What stands between the words of a header and could be a delimiter. */
function separators(header: string): readonly string[] {
  const between = header.match(/[^\p{L}\p{N}_]+/gu) ?? [];
  return [...new Set(between)].filter((one) => readDelimiter(one) !== null);
}

function bare(name: string): string {
  return name.trim().replace(/^"(.*)"$/u, "$1");
}

/** For a shell. */
function quoted(delimiter: string): string {
  return `'${delimiter.replaceAll("'", `'\\''`)}'`;
}
