/** The one list of the formats that a source may have. */
import type { SourceRule } from "../importer/source_rule.ts";
import { COPY } from "./copy/copy.ts";
import type { CopyFormat } from "./copy/copy_format.ts";
import { CSV } from "./csv/csv.ts";
import type { CsvFormat } from "./csv/csv_format.ts";
import { newlineByte } from "./csv/dialect.ts";
import { FIXED } from "./fixed/fixed.ts";
import type { FixedFormat } from "./fixed/fixed_format.ts";
import { JSON_KIND } from "./json/json.ts";
import type { JsonFormat } from "./json/json_format.ts";
import type {
  Extent,
  FormatKind,
  Header,
  LocalFile,
  RecordFormat,
  Rewriting,
  Sample,
} from "./record_format.ts";
import { SourceError } from "./error.ts";
import { XLSX } from "./xlsx/xlsx.ts";
import type { XlsxFormat } from "./xlsx/xlsx_format.ts";

/** What is settled for each format when a file is opened. Its `type` is its key in this interface. */
interface Formats {
  readonly copy: CopyFormat;
  readonly json: JsonFormat;
  readonly fixed: FixedFormat;
  readonly csv: CsvFormat;
  readonly xlsx: XlsxFormat;
}

/** A source's format with every detail settled; stored with the run. */
export type SourceFormat = Formats[keyof Formats];

/** What a definition may name; `tsv` is a way to write CSV, `ndjson` one to write JSON. */
type NamedFormat = Exclude<SourceRule["format"], "auto" | "tsv" | "ndjson">;

/** In the order in which they try to recognise a file; the last one takes any text. */
const KINDS:
  & { readonly [Name in keyof Formats]: FormatKind<Formats[Name]> }
  & Readonly<Record<NamedFormat, unknown>> = {
    copy: COPY,
    json: JSON_KIND,
    fixed: FIXED,
    csv: CSV,
    xlsx: XLSX,
  };

/** As `FormatKind.locate`. */
export async function locateRecords(
  sample: Sample,
  rule: SourceRule,
  file: LocalFile,
): Promise<Extent | null> {
  for (const kind of Object.values(KINDS)) {
    const extent = await kind.locate?.(sample, rule, file) ?? null;
    if (extent !== null) return extent;
  }
  return null;
}

/** Each kind is given formats of its own only. */
function kindOf({ type }: SourceFormat): FormatKind<SourceFormat> {
  const kind: FormatKind<SourceFormat> | undefined = KINDS[type];
  if (kind !== undefined) return kind;
  // Workers of the version before may be at work on the same database.
  throw new SourceError(
    `This version of ingest can't read the format ${
      JSON.stringify(type)
    }: a newer one has created ` +
      "the run. Stop the older ingest processes, or upgrade them, and resume the run.",
  );
}

/** Is a file in this format read from a copy, which doesn't show the format? */
export function isCopied({ type }: SourceFormat): boolean {
  return KINDS[type].isCopied === true;
}

/** Recognises a file's format, or takes the one that the definition names. */
export function detectFormat(sample: Sample, rule: SourceRule, name: string): SourceFormat {
  for (const kind of Object.values(KINDS)) {
    const format = kind.detect(sample, rule, name);
    if (format !== null) return format;
  }
  throw new Error("No format recognises the file");
}

/** As `FormatKind.rewriting`. */
export function rewritingOf(sample: Sample, rule: SourceRule, name: string): Rewriting | null {
  for (const kind of Object.values(KINDS)) {
    const rewriting = kind.rewriting(sample, rule, name);
    if (rewriting !== null) return rewriting;
    if (kind !== KINDS.csv && kind.detect(sample, rule, name) !== null) return null;
  }
  return null;
}

/** As `FormatKind.rewritingOf`. */
export function rewritingOfKnown(
  sample: Sample,
  format: SourceFormat,
  rule: SourceRule,
): Rewriting | null {
  return kindOf(format).rewritingOf(sample, format, rule);
}

/** As `FormatKind.doubts`. */
export function formatDoubts(
  sample: Sample,
  format: SourceFormat,
  rule: SourceRule,
  name: string,
): readonly string[] {
  return kindOf(format).doubts(sample, format, rule, name);
}

/** As `FormatKind.readHeader`. */
export function readHeader(
  sample: Sample,
  format: SourceFormat,
  rule: SourceRule,
): Header | null {
  return kindOf(format).readHeader(sample, format, rule);
}

/** As `FormatKind.warnings`. */
export function formatWarnings(
  format: SourceFormat,
  rule: SourceRule,
): readonly string[] {
  return kindOf(format).warnings(format, rule);
}

/** As `FormatKind.reread`. */
export function rereadFormat(
  format: SourceFormat,
  rule: SourceRule,
): SourceFormat {
  return kindOf(format).reread(format, rule);
}

/** How records of a source are read and written. Throws RangeError for an invalid format. */
export function recordFormat(
  format: SourceFormat,
  header: readonly string[],
): RecordFormat {
  return kindOf(format).records(format, header);
}

/** The byte that ends a record of delimited text. */
export function newlineOf(format: SourceFormat): number {
  return newlineByte(isDelimited(format) ? format.newline : "lf");
}

/** Is it read as delimited text? Other formats have neither delimiter nor quotes. */
export function isDelimited(format: SourceFormat): format is CsvFormat | XlsxFormat {
  return format.type === "csv" || format.type === "xlsx";
}

/** Does the source say itself which values are NULL, so that an empty text is a text? */
export function namesNulls({ type }: SourceFormat): boolean {
  return type === "json" || type === "copy";
}

/** What people call a line of the source: a sheet has rows. */
export function lineWord({ type }: SourceFormat): "line" | "row" {
  return KINDS[type].lineWord;
}

/** Sentences that speak of lines, in the words of the format: `lines 3 to 5` are `rows 3 to 5`. */
export function inWordsOf(format: SourceFormat, texts: readonly string[]): readonly string[] {
  const word = lineWord(format);
  if (word === "line") return texts;
  return texts.map((text) =>
    text.replace(
      /\b([Ll])ine(s?)\b(?= \d|s? (?:is|are) left out)/gu,
      (_, first, many) => `${first === "L" ? "R" : "r"}ow${many}`,
    )
  );
}
