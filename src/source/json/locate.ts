/** Finds the array in a file: where its elements begin and end, and whether it is complete. */
import type { SourceRule } from "../../importer/source_rule.ts";
import { type SourceChoice, SourceError } from "../error.ts";
import { readUpTo } from "../file/range.ts";
import type { Extent, LocalFile, Sample } from "../record_format.ts";
import { CLOSE_ARRAY, COMMA, countLines, withoutBlanks } from "./bytes.ts";
import { findArrays, type FoundArray } from "./find_arrays.ts";
import { parsePath, writePath } from "./path_notation.ts";
import type { Sniffed } from "./sniff.ts";

/** How far from the end of a file its last bracket is looked for. */
const TAIL_BYTES = 64 * 1024;

const UNCLOSED =
  "The file doesn't end with the bracket that closes its array: it may have been cut " +
  "off. Check whether it is complete.";

const TRAILING_COMMA = "The array ends with a comma, after which JSON has another element: check " +
  "whether the file is complete.";

/** Null if the file is no array and has none. Throws SourceError. */
export async function locate(
  { kind, start }: Sniffed,
  { bytes }: Sample,
  { records = null }: SourceRule,
  file: LocalFile,
): Promise<Extent | null> {
  const line = countLines(bytes, 0, start) + 1;
  if (kind === "document") return await inDocument(records, file);
  if (records !== null) {
    throw new SourceError(
      `Cannot import ${file.name}: it has no array ${records}, because it is ` +
        `${kind === "array" ? "an array itself" : "several values"}. Take \`records\` out of the ` +
        "definition's source.",
    );
  }
  if (kind !== "array") return null;
  const { end, isComplete, hasComma } = await arrayEnd(file, start);
  const notes = file.isCut || isComplete ? [] : [UNCLOSED];
  return { start, line, end, notes: hasComma ? [TRAILING_COMMA] : notes };
}

async function arrayEnd({ path, end }: LocalFile, start: number) {
  const from = Math.max(start, end - TAIL_BYTES);
  const tail = await readUpTo(path, from, end);
  const last = withoutBlanks(tail, 0, tail.length);
  if (last === 0 || tail[last - 1] !== CLOSE_ARRAY) {
    return { end, isComplete: false, hasComma: false };
  }
  const before = withoutBlanks(tail, 0, last - 1);
  const hasComma = before > 0 && tail[before - 1] === COMMA;
  return { end: from + last - 1, isComplete: true, hasComma };
}

async function inDocument(records: string | null, file: LocalFile): Promise<Extent | null> {
  const { arrays, isWhole, hasMore } = await findArrays(file);
  const wanted = records === null ? null : parsePath(records);
  if (records !== null) {
    const found = arrays.find(({ path }) =>
      wanted !== null && writePath(path) === writePath(wanted)
    );
    if (found === undefined) {
      const known = arrays.length === 0 ? "it has no array" : `it has ${named(arrays)}`;
      throw new SourceError(
        `Cannot import ${file.name}: it has no array ${records} (source.records); ${known}.`,
        { ...arrays.length > 0 && { choice: choiceOf(arrays) } },
      );
    }
    return extentOf(found, file, isWhole, []);
  }
  // Several documents, one after the other: each is a row.
  if (hasMore) return null;
  const likely = arrays.filter(({ holds }) => holds === "objects");
  const found = likely.length > 0 ? likely : arrays.filter(({ holds }) => holds === "nothing");
  if (found.length === 0) return null;
  if (found.length > 1) {
    const [{ path }] = found;
    throw new SourceError(
      `Cannot import ${file.name}: it has several arrays, ${named(found)}. Say which one has the ` +
        `rows with --records, or in the definition: \`source: {records: ${writePath(path)}}\`.`,
      { choice: choiceOf(found) },
    );
  }
  const path = writePath(found[0].path);
  const note = `The rows are those of the array ${path}; what is around it is not imported.`;
  return extentOf(found[0], file, isWhole, [note]);
}

function extentOf(
  { path, start, line, end }: FoundArray,
  file: LocalFile,
  isWhole: boolean,
  notes: readonly string[],
): Extent {
  const isComplete = end !== null && isWhole;
  return {
    start,
    line,
    end: end ?? file.end,
    path,
    notes: isComplete || file.isCut ? notes : [...notes, UNCLOSED],
  };
}

/** How many names a page can offer. */
const MOST_CHOICES = 200;

function choiceOf(arrays: readonly FoundArray[]): SourceChoice {
  const names = arrays.slice(0, MOST_CHOICES).map(({ path }) => writePath(path));
  return { setting: "records", names };
}

function named(arrays: readonly FoundArray[]): string {
  const names = arrays.slice(0, 10).map(({ path }) => writePath(path));
  const more = arrays.length - names.length;
  return more > 0 ? `${names.join(", ")} and ${more} more` : names.join(", ");
}
