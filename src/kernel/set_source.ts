/** Tells a kernel the source's format, and gives it the lists that it fills for each record. */
import { MAX_RECORD_BYTES } from "../source/record.ts";
import type { Delimited, FixedRecordFormat, RecordFormat } from "../source/record_format.ts";
import { FIXED_COLUMN, SIZE } from "./contract.ts";
import { setJson } from "./set_json.ts";
import { storeStructures } from "./structures.ts";
import type { Kernel } from "./instance.ts";

/** Tells the kernel that there is no delimiter. */
const NOT_DELIMITED: Delimited = {
  delimiter: 0,
  newline: 0,
  quote: -1,
  isTolerant: false,
  skipsEmptyRows: false,
  fillsRows: false,
  commentMark: -1,
};

/**
 * `strict`: the kernel leaves records that can't be rows to its caller; otherwise, only those whose
 * end is unclear.
 */
export function setSource(
  kernel: Kernel,
  { delimited, fields, json, fixed, copyDelimiter }: RecordFormat,
  strict = true,
  maxRecordBytes: number = MAX_RECORD_BYTES,
): void {
  const known = delimited ?? NOT_DELIMITED;
  const { delimiter, newline, quote, isTolerant, skipsEmptyRows, fillsRows, commentMark } = known;
  kernel.exports.setSource(
    delimiter,
    newline,
    quote,
    isTolerant,
    skipsEmptyRows,
    fillsRows,
    commentMark,
    fields,
    kernel.allocate(SIZE.field * fields),
    maxRecordBytes,
    strict,
  );
  if (json !== undefined) setJson(kernel, json);
  if (fixed !== undefined) setFixed(kernel, fixed);
  if (copyDelimiter !== undefined) kernel.exports.setCopyText(copyDelimiter);
}

/** It ends with the line, or has no limit. */
const ENDLESS = 0x7fff_ffff;

function setFixed(
  kernel: Kernel,
  { fields, length, keepsBlanks, commentMark }: FixedRecordFormat,
): void {
  const columns = fields.map(({ start, end }) => ({ start, end: end ?? ENDLESS }));
  const list = storeStructures(kernel, FIXED_COLUMN, columns);
  const most = Math.min(length.most, ENDLESS);
  kernel.exports.setFixed(list, length.least, most, keepsBlanks, commentMark);
}
