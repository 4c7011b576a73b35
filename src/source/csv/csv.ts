/** Delimited text: CSV, TSV and the like. */
import { Pattern } from "../../pattern/pattern.ts";
import type { SourceRule } from "../../importer/source_rule.ts";
import { SourceError } from "../error.ts";
import type { RecordCursor, RecordPosition } from "../record.ts";
import type {
  Delimited,
  FormatKind,
  Header,
  RecordFormat,
  Rewriting,
  Sample,
} from "../record_format.ts";
import { BoundaryScanner } from "./boundaries.ts";
import type { CsvFormat } from "./csv_format.ts";
import { type Dialect, dialectOf } from "./dialect.ts";
import { chooseLineEnds, type LineEnds } from "./choose_line_ends.ts";
import { DELIMITERS, detectDelimiter } from "./detect.ts";
import { displayData } from "./display.ts";
import { doubtsOf } from "./doubts.ts";
import { encodeRecord } from "./encode_record.ts";
import { readHeader } from "./header.ts";
import { withLf } from "./line_ends.ts";
import { readPreamble } from "./preamble.ts";
import { CsvReader } from "./reader.ts";
import { filterRows, repeatsHeader, rowText } from "./row_filter.ts";
import { mayHoldRows, quotesAreData } from "./swallowed_rows.ts";
import { wantedRows } from "./wanted_rows.ts";
import { isDelimiterTold, promisesTabs } from "./told_delimiter.ts";

/** Recognises any text, unless the definition names another format. */
export const CSV: FormatKind<CsvFormat> = {
  rewriting(sample, rule, name) {
    if (!isCsv(rule)) return null;
    const { newline, rewriting, rules } = lineEndsOf(sample, rule, name);
    const isCopied = rewriting !== null && rules !== null;
    const read = isCopied ? { ...sample, bytes: withLf(sample.bytes, rules) } : sample;
    const filter = rowFilter(read, rule, settle(read, rule, name, newline));
    return rewriting === null ? filter : filter === null ? rewriting : joined(rewriting, filter);
  },

  detect(sample, rule, name) {
    if (!isCsv(rule)) return null;
    return settle(sample, rule, name, lineEndsOf(sample, rule, name).newline);
  },

  rewritingOf: (sample, format, rule) => rowFilter(sample, rule, format),
  doubts: doubtsOf,

  readHeader(sample, format, rule) {
    return headerOf(sample, format, rule);
  },

  reread({ short_rows: _, ...format }, rule) {
    const { quote, escape, short_rows } = settledBy(rule);
    return {
      ...format,
      ...quote !== undefined && { quote },
      ...escape !== undefined && { escape },
      ...short_rows !== undefined && { short_rows },
    };
  },
  warnings(format, { quote = "auto" }) {
    return quote === "auto" && format.quote === null ? [NO_QUOTES] : [];
  },

  lineWord: "line",
  records: (format, header) => new CsvRecords(format, header),
};

function headerOf(sample: Sample, format: CsvFormat, rule: SourceRule): Header | null {
  const { skip_lines, header, skip_after_header = 0 } = rule;
  const { bytes, bomBytes, isWhole } = sample;
  return readHeader(bytes, format, bomBytes, skip_lines, header, isWhole, skip_after_header);
}

/** Null if no row has to be left out. */
function rowFilter(sample: Sample, rule: SourceRule, format: CsvFormat): Rewriting | null {
  const patterns = (rule.skip_rows ?? []).map((pattern) => new Pattern(pattern));
  const { bytes, bomBytes } = sample;
  const first = firstRow(sample, rule, format);
  if (first === null) return null;
  const { start = 0 } = readPreamble(bytes, format.newline, bomBytes, rule.skip_lines) ?? {};
  const header = rule.header === true && first.names.length > 1
    ? rowText(bytes.subarray(start, first.dataStart)).split(/[\r\n]/u)[0]
    : null;
  const repeated = header !== null && repeatsHeader(bytes, format, first, header) ? header : null;
  const isWanted = wantedRows(rule, format, first.names);
  if (patterns.length === 0 && repeated === null && isWanted === null) return null;
  return filterRows({ patterns, header, isWanted }, format, first);
}

/** Null if there is none, or if the header can't be read: that is said when it is read for good. */
function firstRow(sample: Sample, rule: SourceRule, format: CsvFormat): Header | null {
  try {
    return headerOf(sample, format, rule);
  } catch (error) {
    if (error instanceof SourceError) return null;
    throw error;
  }
}

function joined(one: Rewriting, other: Rewriting): Rewriting {
  return {
    stream() {
      const first = one.stream();
      return { writable: first.writable, readable: first.readable.pipeThrough(other.stream()) };
    },
    notes: () => [...one.notes(), ...other.notes()],
  };
}

function isCsv({ format }: SourceRule): boolean {
  return format === "auto" || format === "csv" || format === "tsv";
}

function lineEndsOf(sample: Sample, rule: SourceRule, name: string): LineEnds {
  return chooseLineEnds(sample, rule, (bytes, newline) => settle(bytes, rule, name, newline));
}

interface Settled {
  readonly rule: SourceRule;
  readonly name: string;
  readonly newline: CsvFormat["newline"];
  readonly format: CsvFormat;
}

/** What was settled last for a sample. It is wanted twice for each file, and takes 5 ms. */
const SETTLED = new WeakMap<Sample, Settled>();

function settle(
  sample: Sample,
  rule: SourceRule,
  name: string,
  newline: CsvFormat["newline"],
): CsvFormat {
  const last = SETTLED.get(sample);
  if (last?.rule === rule && last.name === name && last.newline === newline) return last.format;
  const format = settleAnew(sample, rule, name, newline);
  SETTLED.set(sample, { rule, name, newline, format });
  return format;
}

function settleAnew(
  sample: Sample,
  rule: SourceRule,
  name: string,
  newline: CsvFormat["newline"],
): CsvFormat {
  const named = settledBy(rule);
  const delimiter = chooseDelimiter(sample, newline, named, rule, name);
  const usual: CsvFormat = { type: "csv", delimiter, newline, quote: '"', grammar: 2, ...named };
  return named.quote === undefined ? { ...usual, quote: chooseQuote(sample, usual, rule) } : usual;
}

/** What the definition settles. */
function settledBy(
  { quote = "auto", escape = null, skip_empty_rows = true, short_rows = "fail", comment = null }:
    SourceRule,
): Partial<CsvFormat> {
  return {
    ...escape !== null && { escape },
    ...quote !== "auto" && { quote: quote === "none" ? null : quote },
    ...skip_empty_rows && { skip_empty_rows },
    ...short_rows === "fill" && { short_rows },
    ...comment !== null && { comment },
  };
}

function chooseDelimiter(
  { bytes, bomBytes }: Sample,
  newline: CsvFormat["newline"],
  named: Partial<CsvFormat>,
  rule: SourceRule,
  name: string,
): string {
  if (rule.delimiter !== "auto") return rule.delimiter;
  if (isDelimiterTold(rule)) return "\t";
  const preamble = readPreamble(bytes, newline, bomBytes, rule.skip_lines);
  if (preamble?.delimiter) return preamble.delimiter;
  const text = bytes.subarray(preamble?.start ?? bytes.length);
  const detected = detectDelimiter(text, newline, named);
  if (!promisesTabs(rule, name)) return detected;
  const header = firstLine(text);
  return header.includes("\t") || !header.includes(detected) ? "\t" : detected;
}

/** Delimiters are ASCII, in UTF-8 as well. */
function firstLine(text: Uint8Array): string {
  const end = text.findIndex((byte) => byte === 0x0a || byte === 0x0d);
  return new TextDecoder("latin1").decode(text.subarray(0, end === -1 ? text.length : end));
}

const NO_QUOTES =
  "The file's quotes are read as ordinary characters, because a value that begins " +
  "with one would swallow the rows after it. If they enclose values, " +
  "set `source: {quote: '\"'}` in the definition, or --quote '\"'.";

function chooseQuote(
  { bytes, bomBytes }: Sample,
  usual: CsvFormat,
  { skip_lines }: SourceRule,
): string | null {
  const start = readPreamble(bytes, usual.newline, bomBytes, skip_lines)?.start;
  return quotesAreData(bytes.subarray(start ?? bytes.length), usual) ? null : '"';
}

/**
 * How many fields beyond the header are shown one by one; the rest is shown as it is. A row of 16 MB
 * may have millions, for which there is no memory.
 */
const SHOWN_STRAY_FIELDS = 50;

/** Null if the kernel can't read it. */
function delimitedBy(dialect: Dialect): Delimited | null {
  const [commentMark = -1, ...more] = dialect.comment;
  const isOther = dialect.delimiterBytes.length > 1 || dialect.escape !== -1;
  return isOther || more.length > 0 ? null : { ...dialect, commentMark };
}

class CsvRecords implements RecordFormat {
  readonly fields: number;
  readonly cannotEncode =
    "a cell holds a delimiter or a line break, and the source has no quotes " +
    "(source.quote: none). Remove it from the cell.";
  readonly delimited: Delimited | null;
  readonly cellDelimiter: string;
  readonly #format: CsvFormat;
  readonly #dialect: Dialect;
  readonly #header: readonly string[];

  constructor(format: CsvFormat, header: readonly string[]) {
    this.fields = header.length;
    this.#dialect = dialectOf(format);
    this.delimited = delimitedBy(this.#dialect);
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
    const dialect = this.#dialect;
    const shown = this.fields + SHOWN_STRAY_FIELDS;
    const reader = new CsvReader(bytes, this.#format, at, shown);
    return (start, end) => {
      reader.moveTo(start, end, at);
      return reader.next() ? displayData(reader, this.#header, dialect) : {};
    };
  }

  holdsRows({ bytes, start, end }: RecordCursor): boolean {
    return mayHoldRows(bytes, start, end, this.#dialect, this.fields);
  }

  encode(values: readonly string[]): Uint8Array | null {
    return encodeRecord(values, this.#format);
  }
}
