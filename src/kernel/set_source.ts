/** Tells a kernel how a source is written, and gives it the lists that it fills for each record. */
import { delimiterByte, newlineByte } from "../source/csv/quoted_field.ts";
import { SIZE } from "./contract.ts";
import type { Kernel } from "./instance.ts";
import { MAX_RECORD_BYTES } from "../source/record.ts";
import type { CsvFormat } from "../source/csv/csv_format.ts";

/**
 * `fields`: how many the header has. `strict`: records that can't be rows are left to the caller;
 * else only those whose end is unclear. Throws RangeError for a bad delimiter.
 */
export function setSource(
  kernel: Kernel,
  format: CsvFormat,
  fields: number,
  strict = true,
  maxRecordBytes: number = MAX_RECORD_BYTES,
): void {
  kernel.exports.setSource(
    delimiterByte(format),
    newlineByte(format.newline),
    fields,
    kernel.allocate(SIZE.field * fields),
    maxRecordBytes,
    strict,
  );
}
