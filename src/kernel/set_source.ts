/** Tells a kernel how a source is written, and gives it the lists that it fills for each record. */
import { MAX_RECORD_BYTES } from "../source/record.ts";
import type { RecordFormat } from "../source/record_format.ts";
import { SIZE } from "./contract.ts";
import type { Kernel } from "./instance.ts";

/** In place of a delimiter: there is none. */
const NOT_DELIMITED = { delimiter: 0, newline: 0 };

/**
 * `strict`: records that can't be rows are left to the caller; else only those whose end is unclear.
 */
export function setSource(
  kernel: Kernel,
  { delimited, fields }: RecordFormat,
  strict = true,
  maxRecordBytes: number = MAX_RECORD_BYTES,
): void {
  const { delimiter, newline } = delimited ?? NOT_DELIMITED;
  kernel.exports.setSource(
    delimiter,
    newline,
    fields,
    kernel.allocate(SIZE.field * fields),
    maxRecordBytes,
    strict,
  );
}
