/** Reads lines and bytes from a connection. */
import { Unavailable } from "../network/unavailable.ts";

const PIECE = 64 * 1024;

export class ByteReader {
  readonly #connection: Pick<Deno.Conn, "read">;
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array();

  constructor(connection: Pick<Deno.Conn, "read">) {
    this.#connection = connection;
  }

  /** Has more come already than was asked for? */
  get hasMore(): boolean {
    return this.#buffer.length > 0;
  }

  /** Does anything come before the connection ends? What it is gets lost. */
  async goesOn(): Promise<boolean> {
    return this.hasMore || await this.#read() !== null;
  }

  /** Without its end. Null at the end of all. Throws Unavailable for one that is longer than `most`. */
  async line(most: number): Promise<string | null> {
    for (;;) {
      const end = this.#buffer.indexOf(10);
      if (end !== -1) {
        const bytes = this.#take(end + 1);
        const last = end > 0 && bytes[end - 1] === 13 ? end - 1 : end;
        return new TextDecoder("latin1").decode(bytes.subarray(0, last));
      }
      if (this.#buffer.length > most) throw new Unavailable("the server's answer is no HTTP");
      const more = await this.#read();
      if (more === null) return null;
      const joined = new Uint8Array(this.#buffer.length + more.length);
      joined.set(this.#buffer);
      joined.set(more, this.#buffer.length);
      this.#buffer = joined;
    }
  }

  /** Exactly so many. Throws Unavailable if there are fewer. */
  async *bytes(count: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (let left = count; left > 0;) {
      if (this.#buffer.length === 0) {
        const more = await this.#read();
        if (more === null) throw new Unavailable("the connection broke");
        this.#buffer = more;
      }
      const piece = this.#take(Math.min(left, this.#buffer.length));
      left -= piece.length;
      yield piece;
    }
  }

  /** All until the connection ends. */
  async *rest(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (;;) {
      const piece = this.#buffer.length > 0 ? this.#take(this.#buffer.length) : await this.#read();
      if (piece === null) return;
      yield piece;
    }
  }

  #take(count: number): Uint8Array<ArrayBuffer> {
    const taken = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return taken;
  }

  async #read(): Promise<Uint8Array<ArrayBuffer> | null> {
    const bytes = new Uint8Array(PIECE);
    const read = await this.#connection.read(bytes);
    return read === null ? null : bytes.subarray(0, read);
  }
}
