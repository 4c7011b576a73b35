/** `COPY … TO STDOUT` over postgres.js, past its stream: a row is a piece, and there are many. */
import { Readable } from "node:stream";
import type postgres from "postgres";
import { copyQuery } from "./copy_query.ts";

/** At first; twice as many whenever they are full, and at most so many from one COPY to the next. */
const FIRST_BYTES = 64 * 1024;
const KEPT_BYTES = 16 * 1024 * 1024;

/**
 * What the server sends. Its memory is used again: with new memory each time, the garbage collector
 * took a tenth of what a retry takes.
 */
export class Received {
  #bytes = new Uint8Array(FIRST_BYTES);
  #length = 0;

  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = new Uint8Array(FIRST_BYTES);
  }

  add(piece: Uint8Array): void {
    const end = this.#length + piece.length;
    if (end > this.#bytes.length) {
      this.#bytes = new Uint8Array(this.#bytes.buffer.transfer(2 * end));
    }
    this.#bytes.set(piece, this.#length);
    this.#length = end;
  }

  /** All of it, until `clear`. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** Rejects with the server's error. */
export async function copyOut(
  sql: postgres.Sql,
  statement: string,
  received: Received,
): Promise<void> {
  received.clear();
  const query = copyQuery(sql, statement);
  await new Promise<void>((resolve, reject) => {
    query.resolve = (value) => {
      if (!(value instanceof Readable)) return resolve();
      // What went wrong comes through `reject`, or as the loss of the connection.
      value.on("error", () => {});
      value.push = (piece: Uint8Array | null) => {
        if (piece !== null) received.add(piece);
        return true;
      };
    };
    query.reject = reject;
    query.execute();
  });
}
