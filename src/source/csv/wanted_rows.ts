/** The rows of a file for which the definition's condition (`source.when`) holds. */
import type { SourceRule } from "../../importer/source_rule.ts";
import { Pattern } from "../../pattern/pattern.ts";
import { compileCondition, SlowField } from "../condition.ts";
import { displayName } from "../display_text.ts";
import { SourceError } from "../error.ts";
import { FIELD_QUOTED, type RecordCursor } from "../record.ts";
import type { CsvFormat } from "./csv_format.ts";
import { CsvReader } from "./reader.ts";

/** Is a row wanted: the bytes from `start` to `end`, which begin on this line? */
export type RowTest = (bytes: Uint8Array, start: number, end: number, line: number) => boolean;

/** Null if the definition wants all rows. Throws SourceError if the file lacks a column. */
export function wantedRows(
  { when, null_values: words, unquoted_nulls: unquoted = [] }: SourceRule,
  format: CsvFormat,
  names: readonly string[],
): RowTest | null {
  if (when === undefined) return null;
  const nulls = [new Set([...words, ...unquoted]), new Set(words)];
  const holds = compileCondition<RecordCursor>(when, {
    fieldOf: (aliases) => fieldOf(aliases, names),
    text(record, field) {
      const isQuoted = (record.fieldFlags[field] & FIELD_QUOTED) !== 0;
      const isNull = (text: string) => nulls[isQuoted ? 1 : 0].has(text);
      const text = record.text(field);
      const trimmed = text.trim();
      return isNull(text) || isNull(trimmed) ? null : trimmed;
    },
    pattern: (source) => new Pattern(source),
  });
  let reader: CsvReader | null = null;
  return (bytes, start, end, line) => {
    if (reader?.bytes !== bytes) {
      reader = new CsvReader(bytes, format, { offset: 0, line: 1, row: 1 }, names.length);
    }
    reader.moveTo(start, end, { offset: start, line, row: 1 });
    // A row that can't be read is wanted, so that it fails.
    if (!reader.next() || reader.defect !== null) return true;
    try {
      return holds(reader);
    } catch (error) {
      if (!(error instanceof SlowField)) throw error;
      throw new SourceError(
        `Line ${line} takes too long to compare with source.when: its ${
          displayName(names[error.field])
        } is long. Simplify the condition's patterns.`,
      );
    }
  };
}

function fieldOf(aliases: readonly string[], names: readonly string[]): number {
  const fold = (name: string) => name.trim().toLowerCase();
  for (const alias of aliases) {
    const exact = names.indexOf(alias);
    const field = exact >= 0 ? exact : names.findIndex((name) => fold(name) === fold(alias));
    if (field >= 0) return field;
  }
  throw new SourceError(
    `The file has no column ${
      aliases.map((name) => JSON.stringify(name)).join(" or ")
    }, by which ` +
      `source.when chooses its rows; it has ${names.slice(0, 30).map(displayName).join(", ")}.`,
  );
}
