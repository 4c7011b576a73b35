/** How large a packed file may become. */
import { statfs } from "node:fs";
import { dirname } from "node:path";
import { SourceError } from "../error.ts";

/** Files of tables become 3 to 30 times as large, those of a single repeated row up to 1,000 times. */
const MAX_RATIO = 200;
/** Whatever their ratio is, bytes. */
const ALWAYS_ALLOWED = 1_000_000_000;
/** The share of the storage folder's free space that a copy may take. */
const SHARE_OF_FREE = 0.9;

/** The copy would be larger than allowed. */
export class UnpacksTooLarge extends SourceError {
  override readonly name: string = "UnpacksTooLarge";

  constructor(message: string, readonly maxBytes: number) {
    super(message);
  }
}

export interface UnpackLimit {
  readonly bytes: number;
  /** The failure of a file that becomes larger. */
  failure(name: string): UnpacksTooLarge;
}

/** `allowed`: by the definition, an option or the server; null: nobody says. */
export async function unpackLimit(
  packedBytes: number,
  allowed: number | null,
  folder: string,
): Promise<UnpackLimit> {
  const most = allowed ?? Math.max(ALWAYS_ALLOWED, MAX_RATIO * packedBytes);
  const free = Math.floor(SHARE_OF_FREE * await freeBytes(folder));
  if (free < most) {
    return limit(
      free,
      `it needs more than the ${
        inWords(free)
      } that the storage folder ${folder} has left for it. ` +
        "Free space in it, or name another one.",
    );
  }
  const allow = "If that is right, raise source.max_unpacked in the definition, or --max-unpacked.";
  if (allowed !== null) {
    return limit(most, `it is larger than the ${inWords(most)} that are allowed. ${allow}`);
  }
  return limit(
    most,
    `it is larger than ${
      inWords(most)
    } and ${MAX_RATIO} times its packed size, like a file that is ` +
      `made to fill a disk. ${allow}`,
  );
}

function limit(bytes: number, why: string): UnpackLimit {
  const failure = (name: string) =>
    new UnpacksTooLarge(`Cannot import ${name}: unpacked, ${why}`, bytes);
  return { bytes, failure };
}

function inWords(bytes: number): string {
  const [size, unit] = bytes >= 1e9
    ? [bytes / 1e9, "GB"]
    : bytes >= 1e6
    ? [bytes / 1e6, "MB"]
    : [bytes, "bytes"];
  return `${size.toLocaleString("en-US", { maximumFractionDigits: 1 })} ${unit}`;
}

/** Of the folder, or the one that it will be made in. Infinity if the system doesn't say. */
async function freeBytes(folder: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number | null>();
  statfs(folder, (error, found) => resolve(error ? null : found.bavail * found.bsize));
  const free = await promise;
  const parent = dirname(folder);
  return free ?? (parent === folder ? Infinity : await freeBytes(parent));
}
