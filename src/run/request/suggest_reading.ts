/** What a definition could say, so that most of the rows that could not be read would be read. */
import type { SourceRule } from "../../importer/source_rule.ts";
import { isDelimited, recordFormat, rereadFormat, type SourceFormat } from "../../source/format.ts";
import { isOneRow } from "./reread_rows.ts";

/** How the rows' source is read now. */
export interface ReadSource {
  readonly format: SourceFormat;
  readonly header: readonly string[];
}

export interface SuggestedReading {
  /** In YAML. */
  readonly definition: string;
  /** The same, by key of `source`. */
  readonly reading: Readonly<Partial<SourceRule>>;
  /** How many of the rows would be read. */
  readonly fits: number;
}

/** Of those that fit equally, the first is suggested. */
const READINGS: readonly (Partial<SourceRule> & { readonly written: string })[] = [
  { written: "source: { short_rows: fill }", short_rows: "fill" },
  { written: `source: { escape: '\\' }`, escape: "\\" },
  {
    written: `source: { escape: '\\', short_rows: fill }`,
    escape: "\\",
    short_rows: "fill",
  },
];

/** Null unless one way to read them fits most of the rows. `rows`: their bytes, without line ends. */
export function suggestReading(
  rows: readonly Uint8Array[],
  source: ReadSource,
  rule: SourceRule,
): SuggestedReading | null {
  const { format } = source;
  if (!isDelimited(format)) return null;
  let best: SuggestedReading = { definition: "", reading: {}, fits: 0 };
  for (const { written, ...reading } of READINGS) {
    // A delimiter can't be an escape as well.
    if (format.delimiter === reading.escape) continue;
    const fits = countReadable(rows, source, { ...rule, ...reading });
    if (fits > best.fits) best = { definition: written, reading, fits };
  }
  return best.fits * 2 > rows.length ? best : null;
}

function countReadable(
  rows: readonly Uint8Array[],
  { format, header }: ReadSource,
  rule: SourceRule,
): number {
  const records = recordFormat(rereadFormat(format, rule), header);
  const boundaries = records.boundaries();
  return rows.filter((row) => {
    if (!isOneRow(boundaries, row)) return false;
    const record = records.reader(row, { offset: 0, line: 1, row: 1 });
    return record.next() && record.defect === null;
  }).length;
}
