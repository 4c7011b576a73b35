/** UUIDs in the forms of row/types/uuid.ts: with or without hyphens and braces, in any case. */
import { setValue, valueRoom } from "./value";

const ZERO: u8 = 48, HYPHEN: u8 = 45, LOWER: u8 = 32, OPEN: u8 = 123, CLOSE: u8 = 125;
const DIGITS: usize = 32, HYPHENATED: usize = 36;

export function readUuid(start: usize, end: usize): bool {
  let from = start;
  let to = end;
  if (end - start > 2 && load<u8>(start) == OPEN && load<u8>(end - 1) == CLOSE) {
    from++;
    to--;
  }
  const hasHyphens = to - from == HYPHENATED;
  if (!hasHyphens && to - from != DIGITS) return false;
  const room = valueRoom();
  let i = from;
  for (let k: usize = 0; k < HYPHENATED; k++) {
    if (k == 8 || k == 13 || k == 18 || k == 23) {
      if (hasHyphens && load<u8>(i++) != HYPHEN) return false;
      store<u8>(room + k, HYPHEN);
      continue;
    }
    const byte = load<u8>(i++);
    const letter = byte | LOWER;
    const isDigit = <u8> (byte - ZERO) < 10;
    if (!isDigit && <u8> (letter - 97) > 5) return false;
    store<u8>(room + k, isDigit ? byte : letter);
  }
  setValue(room, room + HYPHENATED);
  return true;
}
