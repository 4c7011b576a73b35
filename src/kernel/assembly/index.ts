/** What the caller sees: all of it as WebAssembly's globals and functions. */
export { putTyped } from "./binary";
export { column, encode, failed, good, goodRecords, open, outStart, rowEnds, spare } from "./encode";
export { addKeys, blocksLog2, filter, hasKey } from "./filter";
export { begun, encodeFound, hashFound } from "./found";
export { addBytes, addNull, beginHash, endHash } from "./hash";
export { enough, hashes, hashKeys, keyCount, keys, maxRows, present, scratch } from "./keys";
export { logRow, names, opening, openingLength, status, statusLength } from "./log";
export { capacity, count, keep, places, position, skipped, skippedCount } from "./records";
export {
  at,
  binary,
  columnCount,
  columns,
  delimiter,
  expectedFields,
  fieldEnds,
  fieldFlags,
  fieldStarts,
  final,
  limit,
  lines,
  maxRecordBytes,
  newline,
  out,
  outLimit,
  recordEnd,
  recordLine,
  recordStart,
  strict,
} from "./state";
