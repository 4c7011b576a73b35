/** Recognises packed files by their content, whatever they are called. */

export const PACKINGS = ["gzip", "zstd", "zip"] as const;

/** What can be unpacked here. */
export type Packing = (typeof PACKINGS)[number];

/** Null if the sample is not packed, or in another way. */
export function packingOf(sample: Uint8Array): Packing | null {
  if (begins(sample, 0x1f, 0x8b, 0x08)) return "gzip";
  if (begins(sample, 0x28, 0xb5, 0x2f, 0xfd)) return "zstd";
  // A frame to skip comes first.
  const isSkipped = (sample[0] & 0xf0) === 0x50 && begins(sample.subarray(1), 0x2a, 0x4d, 0x18);
  if (isSkipped) return "zstd";
  // A first member, an archive without members, and the first of several parts.
  const isZip = [[3, 4], [5, 6], [7, 8]].some(([a, b]) => begins(sample, 0x50, 0x4b, a, b));
  return isZip ? "zip" : null;
}

const OTHERS: readonly (readonly [string, readonly number[]])[] = [
  ["xz-compressed data", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["a 7z archive", [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ["a RAR archive", [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07]],
  ["lz4-compressed data", [0x04, 0x22, 0x4d, 0x18]],
  ["data compressed with compress (.Z)", [0x1f, 0x9d]],
];

/** What a file is that is packed in a way which isn't supported; null for all others. */
export function otherPacking(sample: Uint8Array): string | null {
  if (isTar(sample)) return "a tar archive";
  if (isBzip2(sample)) return "bzip2-compressed data";
  return OTHERS.find(([, magic]) => begins(sample, ...magic))?.[0] ?? null;
}

/** Text may begin with `BZh`, too. A block begins with the digits of pi, and an empty file has none. */
function isBzip2(sample: Uint8Array): boolean {
  return begins(sample, 0x42, 0x5a, 0x68) &&
    (begins(sample.subarray(4), 0x31, 0x41, 0x59, 0x26, 0x53, 0x59) ||
      begins(sample.subarray(4), 0x17, 0x72, 0x45, 0x38, 0x50, 0x90));
}

const TAR_HEADER_BYTES = 512;
/** Where a tar header has the sum of its bytes, in octal digits; it counts as blanks itself. */
const SUM = { from: 148, to: 156 };

/** Old archives have no other sign than this sum. */
function isTar(sample: Uint8Array): boolean {
  if (sample.length < TAR_HEADER_BYTES) return false;
  const digits = String.fromCharCode(...sample.subarray(SUM.from, SUM.to)).replace(/\0.*$/su, "");
  if (!/^ *[0-7]+ *$/u.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < TAR_HEADER_BYTES; i++) {
    sum += i >= SUM.from && i < SUM.to ? 0x20 : sample[i];
  }
  return parseInt(digits.trim(), 8) === sum;
}

function begins(sample: Uint8Array, ...magic: readonly number[]): boolean {
  return magic.every((byte, i) => sample[i] === byte);
}
