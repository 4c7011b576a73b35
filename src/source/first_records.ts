/** Where the first records of a source end. */
import { recordFormat } from "./format.ts";
import { readRange } from "./file/range.ts";
import type { ResolvedSource } from "./resolved_source.ts";
import { MAX_RECORD_BYTES } from "./record.ts";
import { SourceError } from "./error.ts";

/** Bytes that usually have enough records, and bytes that always have a whole one. */
const FEW_BYTES = 1024 * 1024, ENOUGH_BYTES = MAX_RECORD_BYTES + 1024 * 1024;

/**
 * The same source, as if it ended after so many records, with a note that says so. Itself if it has
 * no more. Throws SourceError if one of them is too long to be a row.
 */
export async function firstRecords(source: ResolvedSource, most: number): Promise<ResolvedSource> {
  const { path, format, header, data_start, size, data_end = size } = source;
  const boundaries = recordFormat(format, header).boundaries();
  let [end, rows, window] = [data_start, 0, FEW_BYTES];
  while (end < data_end && rows < most) {
    const to = Math.min(end + window, data_end);
    const bytes = await readRange(path, end, to);
    boundaries.advance(bytes, 0, most - rows, bytes.length, to === data_end);
    const { end: passed, rows: found, long } = boundaries;
    if (long !== null || (passed === 0 && window === ENOUGH_BYTES)) {
      throw new SourceError(`Cannot take the first ${most} rows: row ${rows + 1} is too long.`);
    }
    window = passed === 0 ? ENOUGH_BYTES : FEW_BYTES;
    end += passed;
    rows += found;
  }
  if (end >= data_end) return source;
  const note = `Only the first ${
    most === 1 ? "row" : `${most} rows`
  } of the file: the run is limited.`;
  return { ...source, data_end: end, notes: [...source.notes ?? [], note] };
}
