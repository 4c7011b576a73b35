/** Compares the keys of an object with those that are read. */
import { noteBytes } from "./json";
import { PathNode } from "./json_paths";
import { VECTOR } from "./vectors";

const QUOTE: u8 = 34, BACKSLASH: u8 = 92;

/** The bytes behind both are readable. */
// @ts-ignore: decorator
@inline
function same(one: usize, other: usize, length: u32): bool {
  for (let i: u32 = 0; i < length; i += 8) {
    const difference = load<u64>(one + i) ^ load<u64>(other + i);
    const left = length - i;
    if (left >= 8 ? difference != 0 : (difference << ((8 - left) << 3)) != 0) return false;
  }
  return true;
}

/** The place behind a key's closing quote; 0 if it has escapes, or none. */
export function keyEnd(key: usize, end: usize): usize {
  const quotes = i8x16.splat(<i8> QUOTE);
  const backslashes = i8x16.splat(<i8> BACKSLASH);
  const controls = i8x16.splat(32);
  for (let i = key; i < end; i += VECTOR) {
    const vector = v128.load(i);
    const special = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(vector, quotes), i8x16.eq(vector, backslashes)),
        i8x16.lt_u(vector, controls),
      ),
    );
    noteBytes(0, i8x16.bitmask(vector));
    if (special == 0) continue;
    const stop = i + ctz(special);
    return stop < end && load<u8>(stop) == QUOTE ? stop + 1 : 0;
  }
  return 0;
}

/** The place of the member with this key, looked for from `first` on; 0 if there is none. */
export function findMember(members: usize, count: u32, first: u32, key: usize, length: u32): usize {
  let i = first;
  for (let looked: u32 = 0; looked < count; looked++, i++) {
    if (i >= count) i = 0;
    const member = changetype<PathNode>(members + i * offsetof<PathNode>());
    if (member.keyLength == length && same(member.key, key, length)) {
      return changetype<usize>(member);
    }
  }
  return 0;
}
