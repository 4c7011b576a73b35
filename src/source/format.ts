/** The one list of the formats that a source may have. */
import type { SourceRule } from "../importer/definition.ts";
import { CSV } from "./csv/csv.ts";
import type { CsvFormat } from "./csv/csv_format.ts";
import type { FormatKind, Header, RecordFormat, Rewriting, Sample } from "./record_format.ts";

/** What is settled for each format when a file is opened. Its `type` is its key in this interface. */
interface Formats {
  readonly csv: CsvFormat;
}

/** A source's format with every detail settled; stored with the run. */
export type SourceFormat = Formats[keyof Formats];

/** What a definition may name; `tsv` is a way to write CSV. */
type NamedFormat = Exclude<SourceRule["format"], "auto" | "tsv">;

/** In the order in which they try to recognise a file; the last one takes any text. */
const KINDS:
  & { readonly [Name in keyof Formats]: FormatKind<Formats[Name]> }
  & Readonly<Record<NamedFormat, unknown>> = {
    csv: CSV,
  };

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
  }
  return null;
}

/** As `FormatKind.doubts`. */
export function formatDoubts<Name extends keyof Formats>(
  sample: Sample,
  format: Formats[Name] & { readonly type: Name },
  rule: SourceRule,
  name: string,
): readonly string[] {
  return KINDS[format.type].doubts(sample, format, rule, name);
}

/** As `FormatKind.readHeader`. */
export function readHeader<Name extends keyof Formats>(
  sample: Sample,
  format: Formats[Name] & { readonly type: Name },
  rule: SourceRule,
): Header | null {
  return KINDS[format.type].readHeader(sample, format, rule);
}

/** As `FormatKind.warnings`. */
export function formatWarnings<Name extends keyof Formats>(
  format: Formats[Name] & { readonly type: Name },
  rule: SourceRule,
): readonly string[] {
  return KINDS[format.type].warnings(format, rule);
}

/** As `FormatKind.reread`. */
export function rereadFormat<Name extends keyof Formats>(
  format: Formats[Name] & { readonly type: Name },
  rule: SourceRule,
): SourceFormat {
  return KINDS[format.type].reread(format, rule);
}

/** How records of a source are read and written. Throws RangeError for an invalid format. */
export function recordFormat<Name extends keyof Formats>(
  format: Formats[Name] & { readonly type: Name },
  header: readonly string[],
): RecordFormat {
  return KINDS[format.type].records(format, header);
}
