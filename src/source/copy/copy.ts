/** Rows as Postgres writes them: `COPY … TO` in its text format, and the data of a dump. */
import type { SourceRule } from "../../importer/source_rule.ts";
import { passLines } from "../csv/preamble.ts";
import { displayText } from "../display_text.ts";
import { SourceError } from "../error.ts";
import { LineBoundaries } from "../lines/boundaries.ts";
import { FIELD_NULL, type RecordPosition } from "../record.ts";
import type { FormatKind, Header, RecordFormat, Sample } from "../record_format.ts";
import { type CopyFormat, LINE_RULES } from "./copy_format.ts";
import { unescaped } from "./escapes.ts";
import { blockOf, locate } from "./locate.ts";
import { CopyReader } from "./reader.ts";
import { replaceValues, writeRow } from "./write_row.ts";

export const COPY: FormatKind<CopyFormat> = {
  locate,

  detect(sample, rule) {
    const block = blockOf(sample);
    if (rule.format !== "copy" && block === null) return null;
    const delimiter = rule.delimiter === "auto" || block !== null ? "\t" : rule.delimiter;
    return { type: "copy", delimiter, ...block !== null && { block } };
  },
  rewriting: () => null,
  rewritingOf: () => null,
  doubts: ({ extent }) => extent?.notes ?? [],
  readHeader: headerOf,
  reread: (format) => format,
  warnings: () => [],
  lineWord: "line",
  records: (format, header) => new CopyRecords(format, header),
};

/** Throws SourceError. */
function headerOf(sample: Sample, format: CopyFormat, rule: SourceRule): Header | null {
  const { block } = format;
  if (block !== undefined) {
    const names = rule.header === true || rule.header.length === 0 ? block.columns : rule.header;
    if (names.length !== block.columns.length) {
      throw new SourceError(
        `The definition's header names ${names.length} columns, and the dump has ` +
          `${block.columns.length} of ${block.table}: ${block.columns.join(", ")}.`,
      );
    }
    return { names, line: null, dataStart: block.start, dataLine: block.line };
  }
  const { bytes, bomBytes } = sample;
  if (rule.header !== true) {
    if (rule.header.length > 0) {
      return { names: rule.header, line: null, dataStart: bomBytes, dataLine: 1 };
    }
    throw new SourceError(
      "COPY's text format doesn't say what the columns are called. Name them in the definition's " +
        "source, in their order, as in `header: [id, name]`; or say `header: true` if the first " +
        "line has the names.",
    );
  }
  const start = passLines(bytes, "lf", bomBytes, 1) ?? bytes.length;
  const reader = new CopyReader(bytes.subarray(bomBytes, start), format, START, null);
  if (!reader.next()) return null;
  const names = Array.from({ length: reader.fieldCount }, (_, field) => reader.text(field));
  if (new Set(names).size < names.length || names.includes("")) {
    throw new SourceError(
      "The first line doesn't hold the names of the columns, as header: true says: some are empty " +
        "or the same. Name them in the definition's source, as in `header: [id, name]`.",
    );
  }
  return { names, line: 1, dataStart: start, dataLine: 2 };
}

const START: RecordPosition = { offset: 0, line: 1, row: 1 };

class CopyRecords implements RecordFormat {
  readonly fields: number;
  readonly delimited = null;
  readonly copyDelimiter: number;
  readonly cellDelimiter = ",";
  readonly cannotEncode = "a value can't be written as COPY has it.";
  readonly #format: CopyFormat;
  readonly #header: readonly string[];

  constructor(format: CopyFormat, header: readonly string[]) {
    this.fields = header.length;
    this.copyDelimiter = format.delimiter.charCodeAt(0);
    this.#format = format;
    this.#header = header;
  }

  reader(bytes: Uint8Array, at: RecordPosition, maxRecordBytes?: number): CopyReader {
    return new CopyReader(bytes, this.#format, at, this.fields, maxRecordBytes);
  }

  boundaries(maxRecordBytes?: number): LineBoundaries {
    return new LineBoundaries(LINE_RULES, maxRecordBytes);
  }

  unescaped(text: string): string {
    return unescaped(text) ?? text;
  }

  /** NULL is left out, so that it differs from an empty text. */
  display(bytes: Uint8Array): (start: number, end: number) => Readonly<Record<string, string>> {
    const reader = this.reader(bytes, START);
    return (start, end) => {
      reader.moveTo(start, end, START);
      // Without a prototype, so that a column may be called `__proto__`.
      const data: Record<string, string> = Object.create(null);
      if (!reader.next()) return data;
      const { fieldCount, fieldFlags } = reader;
      for (let field = 0; field < Math.min(fieldCount, fieldFlags.length); field++) {
        if ((fieldFlags[field] & FIELD_NULL) !== 0) continue;
        const name = this.#header[field] ?? `column_${field + 1}`;
        data[displayText(name)] = displayText(reader.text(field));
      }
      return data;
    };
  }

  /** A line end is never a part of a value, unless it is escaped. */
  holdsRows(): boolean {
    return false;
  }

  encode(values: readonly string[]): Uint8Array {
    return writeRow(values, this.#format);
  }

  replace(record: Uint8Array, values: ReadonlyMap<number, string>): Uint8Array | null {
    const reader = this.reader(record, START);
    // An empty line has no value that could be replaced.
    const isEmpty = !reader.next() ||
      reader.fieldEnd[0] === reader.start && reader.fieldCount === 1;
    return isEmpty ? null : replaceValues(reader, values, this.#format);
  }
}
