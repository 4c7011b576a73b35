/** What identifies a file's bytes, whatever the file is called and wherever it comes from. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { Fingerprint } from "./fingerprint.ts";

export interface Identity {
  /** See `Fingerprint`. */
  readonly fingerprint: string;
  /** SHA-256, in hex: what `sha256sum` says. */
  readonly checksum: string;
}

/** Takes all bytes of a file, in their order. */
export class Identifier {
  readonly #fingerprint = new Fingerprint();
  readonly #hash = createHash("sha256");

  add(bytes: Uint8Array): void {
    this.#fingerprint.add(bytes);
    this.#hash.update(bytes);
  }

  /** After the last bytes. To be called once. */
  end(): Identity {
    return { fingerprint: String(this.#fingerprint), checksum: this.#hash.digest("hex") };
  }
}

/** What the planner finds out on its way. */
export interface FoundIdentity {
  readonly fingerprint: string;
  /** Null: the file is too long. */
  readonly checksum: string | null;
}

/**
 * The longest file whose SHA-256 the planner takes, in bytes. That is 0.75 ms a megabyte, 3 to 7 % of
 * all the processor time that an import takes, where a CRC-32 is 0.02 ms. Longer files get theirs if
 * they are copied or read as a whole before the run anyway, or if `once` asks.
 */
const LONGEST_HASHED = 16_000_000;

/** The same, of a file of the given size, whose parts' CRC-32 is mostly known. */
export class PlannedIdentifier {
  readonly #fingerprint = new Fingerprint();
  readonly #hash: ReturnType<typeof createHash> | null;

  constructor(size: number) {
    this.#hash = size > LONGEST_HASHED ? null : createHash("sha256");
  }

  /** `crc`: the CRC-32 of the bytes. */
  add(bytes: Uint8Array, crc = crc32(bytes)): void {
    this.#fingerprint.addPart(crc, bytes.length);
    this.#hash?.update(bytes);
  }

  end(): FoundIdentity {
    return {
      fingerprint: String(this.#fingerprint),
      checksum: this.#hash?.digest("hex") ?? null,
    };
  }
}
