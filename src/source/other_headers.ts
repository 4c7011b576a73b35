/** Finds the header of a file whose first lines are something else. */
import type { SourceRule } from "../importer/source_rule.ts";
import { readBeginning } from "./beginning.ts";
import { SourceError } from "./error.ts";
import { detectFormat, isCopied, readHeader } from "./format.ts";
import type { ResolvedSource } from "./resolved_source.ts";

/** A header that a file would have if other lines were skipped before it. */
export interface OtherHeader {
  readonly skipLines: number;
  /** Its physical line. */
  readonly line: number;
  readonly names: readonly string[];
}

const LOOKED_AT_LINES = 30;

/** The headers that a source would have if more lines were skipped, from top to bottom. */
export async function otherHeaders(
  source: ResolvedSource,
  rule: SourceRule,
  name: string,
): Promise<OtherHeader[]> {
  const known = isCopied(source.format) ? source.format : null;
  const beginning = await readBeginning(source.path, { ...rule, skip_footer: 0 }, name, known);
  const found: OtherHeader[] = [];
  for (let more = 1; more <= LOOKED_AT_LINES; more++) {
    const skipLines = rule.skip_lines + more;
    const other = { ...rule, skip_lines: skipLines, skip_after_header: 0 };
    try {
      const header = readHeader(beginning, known ?? detectFormat(beginning, other, name), other);
      if (header === null) break;
      const { names, line, dataLine } = header;
      found.push({ skipLines, line: line ?? dataLine - 1, names });
    } catch (error) {
      // A line in the middle of a quoted value, for example, is no header.
      if (!(error instanceof SourceError)) throw error;
    }
  }
  return found;
}
