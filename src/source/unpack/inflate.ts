/** Unpacks "deflate" data, of which gzip files and zip archives consist. */
import { constants, createInflateRaw } from "node:zlib";
import type { Input } from "../file/input.ts";
import { Damaged } from "./damaged.ts";

const PIECE_BYTES = 32 * 1024;
/** A piece becomes at most 1,032 times as large. That bounds the memory. */
const MAX_UNPACKED_BYTES = 1_100 * PIECE_BYTES;
const OUTPUT_BYTES = 128 * 1024;

const OPTIONS = {
  // By default, what comes out is held back until there is more of it.
  flush: constants.Z_SYNC_FLUSH,
  chunkSize: OUTPUT_BYTES,
  // Else it waits to be read in the middle of a piece.
  readableHighWaterMark: MAX_UNPACKED_BYTES,
};

/**
 * Yields what the data from the input's position on becomes, and leaves the input where they end.
 * Returns whether they end there, or with the input. Throws Damaged where they can't be understood.
 */
export async function* inflate(input: Input): AsyncGenerator<Uint8Array, boolean> {
  const start = input.position;
  let unpacked = 0;
  const inflation = new Inflation();
  try {
    for (;;) {
      const at = input.position;
      const piece = await input.read(PIECE_BYTES);
      if (piece.length === 0) return false;
      const { bytes, state } = await inflation.take(piece);
      if (state === "wrong") {
        // A piece comes out as a whole or not at all, so a second try takes smaller ones.
        return yield* untilDamage(input, start, at, unpacked);
      }
      for (const chunk of bytes) {
        unpacked += chunk.length;
        yield chunk;
      }
      if (state === "ended") {
        input.position -= inflation.left;
        return true;
      }
    }
  } finally {
    inflation.close();
  }
}

/**
 * The same from the beginning, without the first `skip` bytes: from `near` on byte by byte, so that
 * nothing before the damage is lost. That takes up to half a second.
 */
async function* untilDamage(
  input: Input,
  start: number,
  near: number,
  skip: number,
): AsyncGenerator<Uint8Array, never> {
  const inflation = new Inflation();
  input.position = start;
  try {
    for (;;) {
      const at = input.position;
      const size = at < near ? Math.min(PIECE_BYTES, near - at) : 1;
      const { bytes, state } = await inflation.take(await input.read(size));
      if (state !== "more") throw new Damaged("can't be unpacked", at);
      for (const chunk of bytes) {
        if (skip < chunk.length) yield chunk.subarray(skip);
        skip = Math.max(0, skip - chunk.length);
      }
    }
  } finally {
    inflation.close();
  }
}

interface Taken {
  readonly bytes: readonly Uint8Array[];
  /** `wrong`: these are no such data; what is right before that is lost. */
  readonly state: "more" | "ended" | "wrong";
}

class Inflation {
  readonly #engine = createInflateRaw(OPTIONS);
  readonly #over: Promise<"ended" | "wrong">;
  #given = 0;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<"ended" | "wrong">();
    this.#engine.on("end", () => resolve("ended"));
    this.#engine.on("error", () => resolve("wrong"));
    this.#over = promise;
  }

  /** How many of the bytes given come after the end. */
  get left(): number {
    return this.#given - this.#engine.bytesWritten;
  }

  async take(piece: Uint8Array): Promise<Taken> {
    this.#given += piece.length;
    const written = Promise.withResolvers<void>();
    this.#engine.write(piece, () => written.resolve());
    await Promise.race([this.#over, written.promise]);
    const bytes: Uint8Array[] = [];
    for (let chunk = this.#engine.read(); chunk !== null; chunk = this.#engine.read()) {
      bytes.push(chunk);
    }
    // Bytes that nobody wants follow the end of the data, or a mistake in them.
    return { bytes, state: this.left > 0 ? await this.#over : "more" };
  }

  close(): void {
    this.#engine.destroy();
  }
}
