/** Where the last record ends that is complete, in data that break off anywhere. */
import { recordFormat } from "./format.ts";
import type { ResolvedSource } from "./resolved_source.ts";
import { readRange } from "./file/range.ts";
import { MAX_RECORD_BYTES } from "./record.ts";

/** There is always a whole record in it, or one that is too long. */
const WINDOW_BYTES = MAX_RECORD_BYTES + 1024 * 1024;

export interface WholeRecords {
  readonly rows: number;
  /** Byte offset after the last of them. */
  readonly end: number;
}

export async function wholeRecords(
  source: Pick<
    Required<ResolvedSource>,
    "path" | "format" | "header" | "data_start" | "data_end"
  >,
): Promise<WholeRecords> {
  const { path, format, header, data_start, data_end } = source;
  const boundaries = recordFormat(format, header).boundaries();
  let [end, rows] = [data_start, 0];
  while (end < data_end) {
    const bytes = await readRange(path, end, Math.min(end + WINDOW_BYTES, data_end));
    boundaries.advance(bytes, 0, Infinity, bytes.length, false);
    const { end: passed, rows: found, long } = boundaries;
    // The end of a record that is too long is looked for by the planner, and it may not be there.
    if (passed === 0 || long !== null) break;
    end += passed;
    rows += found;
  }
  return { rows, end };
}
