/** Opens workbooks as a run does. */
import { DEFAULT_SOURCE } from "../../../src/importer/complete/complete_source.ts";
import type { SourceRule } from "../../../src/importer/source_rule.ts";
import { readRange } from "../../../src/source/file/range.ts";
import { resolveSource } from "../../../src/source/resolve.ts";
import { readPiece } from "../records.ts";

export interface Read {
  readonly header: readonly string[];
  /** Each after the sheet's row; a row that can't be read as the message why. */
  readonly rows: readonly string[];
  readonly notes: readonly string[];
}

export async function readWorkbook(
  content: Uint8Array | string,
  rule: Partial<SourceRule> = {},
  name = "book.xlsx",
): Promise<Read> {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/book.xlsx`;
    if (typeof content === "string") await Deno.copyFile(content, path);
    else await Deno.writeFile(path, content);
    const said = { ...DEFAULT_SOURCE, ...rule };
    const { source } = await resolveSource(path, said, `${folder}/spool`, { name });
    const { data_start, data_end, data_line, header, format, notes } = source;
    const bytes = await readRange(source.path, data_start, data_end ?? source.size);
    const at = { offset: data_start, line: data_line, row: 1 };
    const rows = readPiece(bytes, format, at, header.length)
      .map(({ line, fields, defect }) => `${line}: ${fields?.join("|") ?? defect}`);
    return { header, rows, notes: notes ?? [] };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
