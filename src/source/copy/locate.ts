import type { SourceRule } from "../../importer/source_rule.ts";
import { SourceError } from "../error.ts";
import { readUpTo } from "../file/range.ts";
import type { Extent, LocalFile, Sample } from "../record_format.ts";
import type { CopyBlock } from "./copy_format.ts";
import { chooseBlock, findBlocks, readStatement } from "./find_blocks.ts";

const decoder = new TextDecoder();
/** The heading of a dump is at its very beginning. */
const HEADING_BYTES = 2048;
/** A line that ends COPY's rows, and blanks behind it. */
const TAIL_BYTES = 64;

/** Does the file begin as a dump does, or with COPY's own statement? */
function isDump({ bytes, bomBytes }: Sample): boolean {
  const heading = decoder.decode(bytes.subarray(bomBytes, bomBytes + HEADING_BYTES)).trimStart();
  return /^-- PostgreSQL database (?:cluster )?dump\s*$/mu.test(heading) ||
    readStatement(heading.split("\n", 1)[0]) !== null;
}

/** Options that only other formats have: who gives them doesn't mean a dump. */
export function mayBeDump(
  { format, delimiter, quote = "auto", escape = null }: SourceRule,
): boolean {
  return format === "copy" ||
    format === "auto" && delimiter === "auto" && quote === "auto" && escape === null;
}

/** Null if the file is another format, or the rows are all of it. Throws SourceError. */
export async function locate(
  sample: Sample,
  rule: SourceRule,
  file: LocalFile,
): Promise<Extent | null> {
  if (!mayBeDump(rule)) return null;
  if (!isDump(sample)) {
    return rule.format === "copy" ? await withoutEndMark(sample, rule, file) : null;
  }
  const all = await findBlocks(file);
  const wanted = rule.records ?? null;
  const filled = all.filter(({ isEmpty }) => !isEmpty);
  // Tables without rows can't be meant, unless there are no others.
  const blocks = wanted !== null || filled.length === 0 ? all : filled;
  if (all.length === 0) {
    throw new SourceError(
      `Cannot import ${file.name}: it is a dump of a database, and no rows are in it as COPY ` +
        "writes them. Make it with pg_dump --table, without --inserts and --schema-only.",
    );
  }
  const { table, columns, start, line, end, isWhole } = chooseBlock(blocks, wanted, file.name);
  const others = all.length - 1;
  const note = `The rows are those of the table ${table} in the dump; ` +
    (others === 0 ? "what is around them is not imported." : "no others are imported.");
  return {
    ...{ start, line, end },
    block: { table, columns, start, line },
    notes: isWhole || file.isCut ? [note] : [note, unclosed(table)],
  };
}

/** All of the file but the line `\.` at its end, if there is one. */
async function withoutEndMark(
  { bomBytes }: Sample,
  { records = null }: SourceRule,
  { path, name, end }: LocalFile,
): Promise<Extent> {
  if (records !== null) {
    throw new SourceError(
      `Cannot import ${name}: it has no table ${records} (source.records), because it is not a ` +
        "dump but the rows of one table. Take `records` out of the definition's source.",
    );
  }
  const from = Math.max(bomBytes, end - TAIL_BYTES);
  const tail = new TextDecoder("latin1").decode(await readUpTo(path, from, end));
  const found = /(?:^|\n)\\\.\s*$/u.exec(tail);
  const isMark = found !== null &&
    (found.index > 0 || found[0].startsWith("\n") || from === bomBytes);
  const stop = isMark ? from + found.index + (found[0].startsWith("\n") ? 1 : 0) : end;
  return { start: bomBytes, line: 1, end: stop, notes: [] };
}

function unclosed(table: string): string {
  return `The file ends before the line \\. that ends the rows of ${table}: it may have been cut ` +
    "off. Check whether it is complete.";
}

/** The block in which the records of a dump are. */
export function blockOf({ extent }: Sample): CopyBlock | null {
  return extent?.block ?? null;
}
