/**
 * Records from known places (source/found_records.ts). Each is a source of its own: a record that
 * is cut off in the middle must not be completed by the one after it.
 */
import { Answer } from "./answer";
import { encode } from "./encode";
import { hashKeys, setNoLimits } from "./keys";
import { clearRecords, count, endOfListed, startOfListed } from "./records";
import { readPiece } from "./source";

/** How many of the records were begun. */
export let begun: u32 = 0;

let foundCount: u32 = 0;

/** Begins to read records whose places (Place) the caller has listed. */
export function readFound(records: u32): void {
  foundCount = records;
  begun = 0;
  clearRecords();
  setNoLimits();
  readPiece(0, 0, true);
}

/** Like `encode`. */
export function encodeFound(): Answer {
  let read = encode();
  while (read == Answer.end && goOn()) read = encode();
  return read;
}

/** Like `hashKeys`. */
export function hashFound(): Answer {
  let read = hashKeys();
  while (read == Answer.end && goOn()) read = hashKeys();
  return read;
}

/** Goes to the next record; false if there is none, or if one was not exactly one record. */
function goOn(): bool {
  if (begun == foundCount || begun != count) return false;
  readPiece(startOfListed(begun), endOfListed(begun), true);
  begun++;
  return true;
}
