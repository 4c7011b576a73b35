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

/**
 * The same for the planner, of a file whose parts' CRC-32 is mostly known. The hash takes 0.6 ms a
 * megabyte, where a CRC-32 takes 0.02.
 */
export class PlannedIdentifier {
  readonly #fingerprint = new Fingerprint();
  readonly #hash = createHash("sha256");

  /** `crc`: the CRC-32 of the bytes. */
  add(bytes: Uint8Array, crc = crc32(bytes)): void {
    this.#fingerprint.addPart(crc, bytes.length);
    this.#hash.update(bytes);
  }

  end(): Identity {
    return { fingerprint: String(this.#fingerprint), checksum: this.#hash.digest("hex") };
  }
}
