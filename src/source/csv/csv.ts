/** Delimited text: CSV, TSV and the like. */
import { extname } from "node:path";
import type { SourceRule } from "../../importer/definition.ts";
import type { RecordCursor, RecordPosition } from "../record.ts";
import type { Delimited, FormatKind, RecordFormat, Sample } from "../record_format.ts";
import { BoundaryScanner } from "./boundaries.ts";
import type { CsvFormat } from "./csv_format.ts";
import { type Dialect, dialectOf } from "./dialect.ts";
import { chooseLineEnds, type LineEnds } from "./choose_line_ends.ts";
import { DELIMITERS, detectDelimiter } from "./detect.ts";
import { displayData } from "./display.ts";
import { encodeRecord } from "./encode_record.ts";
import { readHeader, skipPhysicalLines } from "./header.ts";
import { CsvReader } from "./reader.ts";
import { holdsRows, quotesAreData } from "./swallowed_rows.ts";

/** Recognises any text, unless the definition names another format. */
export const CSV: FormatKind<CsvFormat> = {
  rewriting(sample, rule, name) {
    return isCsv(rule) ? lineEndsOf(sample, rule, name).rewriting : null;
  },

  detect(sample, rule, name) {
    if (!isCsv(rule)) return null;
    return settle(sample, rule, name, lineEndsOf(sample, rule, name).newline);
  },

  readHeader({ bytes, bomBytes, isWhole }, format, { skip_lines, header }) {
    return readHeader(bytes, format, bomBytes, skip_lines, header, isWhole);
  },

  warnings(format, { quote = "auto" }) {
    return quote === "auto" && format.quote === null ? [NO_QUOTES] : [];
  },

  records: (format, header) => new CsvRecords(format, header),
};

function isCsv({ format }: SourceRule): boolean {
  return format === "auto" || format === "csv" || format === "tsv";
}

function lineEndsOf(sample: Sample, rule: SourceRule, name: string): LineEnds {
  return chooseLineEnds(sample, rule, (bytes, newline) => settle(bytes, rule, name, newline));
}

function settle(
  sample: Sample,
  rule: SourceRule,
  name: string,
  newline: CsvFormat["newline"],
): CsvFormat {
  const delimiter = chooseDelimiter(sample, newline, rule, name);
  const quote = chooseQuote(sample, newline, delimiter, rule);
  return { type: "csv", delimiter, newline, quote };
}

function chooseDelimiter(
  { bytes, bomBytes }: Sample,
  newline: CsvFormat["newline"],
  rule: SourceRule,
  name: string,
): string {
  if (rule.delimiter !== "auto") return rule.delimiter;
  const extension = extname(name).toLowerCase();
  const tabbed = rule.format === "tsv" ||
    (rule.format === "auto" && (extension === ".tsv" || extension === ".tab"));
  if (tabbed) return "\t";
  const start = skipPhysicalLines(bytes, newline, bomBytes, rule.skip_lines);
  return detectDelimiter(bytes.subarray(start ?? bytes.length), newline);
}

const NO_QUOTES =
  "The file's quotes are read as ordinary characters, because a value that begins " +
  "with one would swallow the rows after it. If they enclose values, " +
  "set `source: {quote: '\"'}` in the definition, or --quote '\"'.";

function chooseQuote(
  { bytes, bomBytes }: Sample,
  newline: CsvFormat["newline"],
  delimiter: string,
  { quote = "auto", skip_lines }: SourceRule,
): string | null {
  if (quote === "none") return null;
  if (quote !== "auto") return quote;
  const start = skipPhysicalLines(bytes, newline, bomBytes, skip_lines);
  const usual: CsvFormat = { type: "csv", delimiter, newline, quote: '"' };
  return quotesAreData(bytes.subarray(start ?? bytes.length), usual) ? null : '"';
}

class CsvRecords implements RecordFormat {
  readonly fields: number;
  readonly delimited: Dialect & Delimited;
  readonly cellDelimiter: string;
  readonly #format: CsvFormat;
  readonly #header: readonly string[];

  constructor(format: CsvFormat, header: readonly string[]) {
    this.fields = header.length;
    this.delimited = dialectOf(format);
    // The source's own delimiter, which its spreadsheet is set to, if detection would recognise it.
    this.cellDelimiter = DELIMITERS.find((known) => known === format.delimiter) ?? ",";
    this.#format = format;
    this.#header = header;
  }

  reader(bytes: Uint8Array, at: RecordPosition, maxRecordBytes?: number): CsvReader {
    return new CsvReader(bytes, this.#format, at, this.fields, maxRecordBytes);
  }

  boundaries(maxRecordBytes?: number): BoundaryScanner {
    return new BoundaryScanner(this.#format, maxRecordBytes);
  }

  display(bytes: Uint8Array): (start: number, end: number) => Readonly<Record<string, string>> {
    const at = { offset: 0, line: 1, row: 1 };
    const dialect = dialectOf(this.#format);
    // Fields beyond the header are shown as well.
    const reader = new CsvReader(bytes, this.#format, at, null);
    return (start, end) => {
      reader.moveTo(start, end, at);
      return reader.next() ? displayData(reader, this.#header, dialect) : {};
    };
  }

  holdsRows({ bytes, start, end }: RecordCursor): boolean {
    return holdsRows(bytes, start, end, this.delimited, this.fields);
  }

  encode(values: readonly string[]): Uint8Array | null {
    return encodeRecord(values, this.#format);
  }
}
