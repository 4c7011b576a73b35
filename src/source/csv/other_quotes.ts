/** Notices values that another character than the quote encloses. */
import type { CsvFormat } from "./csv_format.ts";
import { FIELD_QUOTED } from "../record.ts";
import { CsvReader } from "./reader.ts";

/** As many records are looked at. */
const RECORDS = 200;
const APOSTROPHE = 0x27;

/**
 * Does an apostrophe enclose values in at least half of the records? Then it is probably a quote,
 * but not surely: `rock 'n' roll` has two as well. `sample` begins with the header.
 */
export function areEnclosedInApostrophes(sample: Uint8Array, format: CsvFormat): boolean {
  const reader = new CsvReader(sample, format, { offset: 0, line: 1, row: 0 }, null);
  let records = 0;
  let enclosed = 0;
  while (records < RECORDS && reader.next()) {
    records++;
    if (opensAndCloses(reader)) enclosed++;
  }
  return enclosed > 1 && 2 * enclosed >= records;
}

/** Does a field begin with an apostrophe, and the same or a later one end with another? */
function opensAndCloses(record: CsvReader): boolean {
  const { bytes, fieldCount, fieldStart, fieldEnd, fieldFlags } = record;
  let isOpen = false;
  for (let field = 0; field < fieldCount; field++) {
    if ((fieldFlags[field] & FIELD_QUOTED) !== 0) continue;
    const opens = bytes[fieldStart[field]] === APOSTROPHE && fieldEnd[field] > fieldStart[field];
    const isLong = fieldEnd[field] - fieldStart[field] > 1;
    if (bytes[fieldEnd[field] - 1] === APOSTROPHE && (isOpen || (opens && isLong))) return true;
    isOpen ||= opens;
  }
  return false;
}
