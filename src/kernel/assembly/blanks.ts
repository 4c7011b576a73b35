/** Blanks around quotes, and the CRs of line ends: they are no data. */
import { delimiter } from "./source";

const TAB: u8 = 9, SPACE: u8 = 32, LF: u8 = 10, CR: u8 = 13;
/** As in source/csv/dialect.ts. */
const MOST_CRS = 2;

/** A blank that is no data outside quotes. */
// @ts-ignore: decorator
@inline
export function isBlank(byte: u8): bool {
  return (byte == SPACE || byte == TAB) && byte != delimiter;
}

/** If only CRs lie between `i` and an LF or the end, the place of that; else `i`. */
export function passCarriageReturns(i: usize, end: usize): usize {
  const farthest = min(end, i + MOST_CRS);
  let k = i;
  while (k < farthest && load<u8>(k) == CR) k++;
  return k == end || load<u8>(k) == LF ? k : i;
}

/** The end of what has its line end at `to`, without the CRs before that. */
// @ts-ignore: decorator
@inline
export function withoutCarriageReturns(from: usize, to: usize): usize {
  let end = to;
  for (let crs = 0; crs < MOST_CRS && end > from && load<u8>(end - 1) == CR; crs++) end--;
  return end;
}
