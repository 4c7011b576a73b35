/**
 * Records that were found before (source/found.ts). Each is a source of its own: one that is cut
 * off in its middle must not be completed by the one behind it.
 */
import { Answer } from "./answer";
import { encode } from "./encode";
import { hashKeys, setNoLimits } from "./keys";
import { clearRecords, count, endOfListed, startOfListed } from "./records";
import { readPiece } from "./source";

/** How many of them were begun. */
export let begun: u32 = 0;

let foundCount: u32 = 0;

/** Begins to read records of which the caller has listed where each begins and ends (Place). */
export function readFound(records: u32): void {
  foundCount = records;
  begun = 0;
  clearRecords();
  setNoLimits();
  readPiece(0, 0, true);
}

/** As `encode`. */
export function encodeFound(): Answer {
  let read = encode();
  while (read == Answer.end && goOn()) read = encode();
  return read;
}

/** As `hashKeys`. */
export function hashFound(): Answer {
  let read = hashKeys();
  while (read == Answer.end && goOn()) read = hashKeys();
  return read;
}

/** To the next record; false if there is none, or one was listed that is not exactly one record. */
function goOn(): bool {
  if (begun == foundCount || begun != count) return false;
  readPiece(startOfListed(begun), endOfListed(begun), true);
  begun++;
  return true;
}
