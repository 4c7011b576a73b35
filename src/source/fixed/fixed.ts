/** Text whose columns have a fixed width. Nothing in such a file says so: the definition does. */
import { Pattern } from "../../pattern/pattern.ts";
import type { SourceRule } from "../../importer/source_rule.ts";
import type { CsvFormat } from "../csv/csv_format.ts";
import { readHeader } from "../csv/header.ts";
import { filterRows } from "../csv/row_filter.ts";
import { displayText } from "../display_text.ts";
import { LineBoundaries } from "../lines/boundaries.ts";
import type { RecordPosition } from "../record.ts";
import type {
  FixedRecordFormat,
  FormatKind,
  Header,
  RecordFormat,
  Rewriting,
  Sample,
} from "../record_format.ts";
import { doubtsOf } from "./doubts.ts";
import { type FixedFormat, lineLength, lineRulesOf } from "./fixed_format.ts";
import { withLineFeeds } from "./line_feeds.ts";
import { FixedReader } from "./reader.ts";
import { replaceValues, writeLine } from "./write_line.ts";

export const FIXED: FormatKind<FixedFormat> = {
  detect: (_sample, rule) => isFixed(rule) ? formatOf(rule) : null,

  rewriting(sample, rule) {
    if (!isFixed(rule)) return null;
    return withLineFeeds(sample) ?? rowFilter(sample, formatOf(rule), rule);
  },
  rewritingOf: (sample, format, rule) => rowFilter(sample, format, rule),

  doubts: (sample, format, rule) => {
    const header = headerOf(sample, format, rule);
    return header === null ? [] : doubtsOf(sample, format, header, rule);
  },
  readHeader: (sample, format, rule) => headerOf(sample, format, rule),

  reread(format, rule) {
    const { fields, ...named } = formatOf(rule);
    const { keeps_blanks: _, ...known } = format;
    const isSame = fields.length === format.fields.length &&
      fields.every(({ name }, i) => name === format.fields[i].name);
    // Other columns would be other fields, and the rows have those of their run.
    return isSame ? { ...known, ...named, fields } : format;
  },
  warnings: () => [],
  lineWord: "line",
  records: (format, header) => new FixedRecords(format, header),
};

function isFixed({ format }: SourceRule): boolean {
  return format === "fixed";
}

function formatOf(
  { fixed = [], keeps_blanks, skip_empty_rows = true, short_rows = "fail", comment = null }:
    SourceRule,
): FixedFormat {
  return {
    type: "fixed",
    fields: fixed,
    ...keeps_blanks && { keeps_blanks },
    ...skip_empty_rows && { skip_empty_rows },
    ...short_rows === "fill" && { short_rows },
    ...comment !== null && { comment },
  };
}

/** Its lines, to those parts of delimited text that only look at lines. */
function asLines({ comment }: FixedFormat): CsvFormat {
  return {
    ...{ type: "csv", delimiter: "\t", newline: "lf", quote: null, grammar: 2 },
    ...comment !== undefined && { comment },
  };
}

function headerOf(sample: Sample, format: FixedFormat, rule: SourceRule): Header | null {
  const { bytes, bomBytes, isWhole } = sample;
  const names = format.fields.map(({ name }) => name);
  const { skip_lines, header, skip_after_header = 0 } = rule;
  const left = skip_after_header + (header === true ? 1 : 0);
  return readHeader(bytes, asLines(format), bomBytes, skip_lines, names, isWhole, left);
}

/** Null if no row has to be left out. */
function rowFilter(sample: Sample, format: FixedFormat, rule: SourceRule): Rewriting | null {
  const patterns = (rule.skip_rows ?? []).map((pattern) => new Pattern(pattern));
  const first = patterns.length === 0 ? null : headerOf(sample, format, rule);
  return first === null ? null : filterRows({ patterns, header: null }, asLines(format), first);
}

class FixedRecords implements RecordFormat {
  readonly fields: number;
  readonly delimited = null;
  readonly fixed: FixedRecordFormat;
  readonly cellDelimiter = ",";
  readonly cannotEncode = "a value is longer than its column, or has a line break. Shorten it.";
  readonly #format: FixedFormat;
  readonly #header: readonly string[];

  constructor(format: FixedFormat, header: readonly string[]) {
    // Fewer: how rows are read that are short.
    this.#format = { ...format, fields: format.fields.slice(0, header.length) };
    this.#header = header;
    this.fields = header.length;
    const { fields } = this.#format;
    this.fixed = {
      fields,
      length: lineLength(fields),
      keepsBlanks: format.keeps_blanks === true,
      commentMark: format.comment === undefined ? -1 : new TextEncoder().encode(format.comment)[0],
    };
  }

  reader(bytes: Uint8Array, at: RecordPosition, maxRecordBytes?: number): FixedReader {
    return new FixedReader(bytes, this.#format, at, maxRecordBytes);
  }

  boundaries(maxRecordBytes?: number): LineBoundaries {
    return new LineBoundaries(lineRulesOf(this.#format), maxRecordBytes);
  }

  /** Without the blanks around values, which only fill the columns. */
  display(bytes: Uint8Array): (start: number, end: number) => Readonly<Record<string, string>> {
    const at = { offset: 0, line: 1, row: 1 };
    const reader = this.reader(bytes, at);
    return (start, end) => {
      reader.moveTo(start, end, at);
      // Without a prototype, so that a column may be called `__proto__`.
      const data: Record<string, string> = Object.create(null);
      if (!reader.next()) return data;
      for (let field = 0; field < reader.fieldCount; field++) {
        const name = this.#header[field] ?? `column_${field + 1}`;
        data[displayText(name)] = displayText(reader.text(field)).trim();
      }
      return data;
    };
  }

  holdsRows(): boolean {
    return false;
  }

  encode(values: readonly string[]): Uint8Array | null {
    return writeLine(values, this.#format);
  }

  replace(record: Uint8Array, values: ReadonlyMap<number, string>): Uint8Array | null {
    return replaceValues(record, values, this.#format);
  }
}
