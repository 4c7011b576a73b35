/**
 * Records that were found before (source/found.ts): the caller lists where each stands, `capacity`
 * many, and each is a source of its own. One that is cut off in its middle must not be completed by
 * the one behind it.
 */
import { encode } from "./encode";
import { hashKeys } from "./keys";
import { END } from "./reader";
import { capacity, count, endOfListed, startOfListed } from "./records";
import { setPiece } from "./state";

/** How many of them were begun. */
export let begun: u32 = 0;

/** As `encode`. */
export function encodeFound(): i32 {
  let read = encode();
  while (read == END && goOn()) read = encode();
  return read;
}

/** As `hashKeys`. */
export function hashFound(): i32 {
  let read = hashKeys();
  while (read == END && goOn()) read = hashKeys();
  return read;
}

/** To the next record; false if there is none, or one was listed that is not exactly one record. */
function goOn(): bool {
  if (begun == capacity || begun != count) return false;
  setPiece(startOfListed(begun), endOfListed(begun));
  begun++;
  return true;
}
