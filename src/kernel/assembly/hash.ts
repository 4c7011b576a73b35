/**
 * A 64-bit hash of a key's values: xxHash64's rounds over eight bytes at a time. The last eight may
 * reach beyond the end and are masked.
 */
const P1: u64 = 0x9e3779b185ebca87, P2: u64 = 0xc2b2ae3d27d4eb4f, P3: u64 = 0x165667b19e3779f9;
const P4: u64 = 0x85ebca77c2b2ae63;

/** The hash of the values so far. */
let hash: u64 = 0;

/** Begins a hash. `key`: its number, so that equal values of different keys differ. */
export function beginHash(key: u32): void {
  hash = P3 + key * P1;
}

/** Adds a value. */
export function addBytes(from: usize, length: u32): void {
  let sum = hash + length * P4;
  const to = from + length;
  for (let i = from; i < to; i += 8) {
    let word = load<u64>(i);
    const left = to - i;
    if (left < 8) word &= (<u64> 1 << (left << 3)) - 1;
    sum = rotl<u64>(sum ^ (rotl<u64>(word * P2, 31) * P1), 27) * P1 + P4;
  }
  hash = sum;
}

/** Adds NULL, which differs from every text. */
export function addNull(): void {
  hash = rotl<u64>(hash ^ P2, 27) * P1 + P3;
}

/** Mixes the bits, and stores the hash (u64) at `target`. */
export function endHash(target: usize): void {
  let sum = hash;
  sum = (sum ^ (sum >> 33)) * P2;
  sum = (sum ^ (sum >> 29)) * P3;
  store<u64>(target, sum ^ (sum >> 32));
}
