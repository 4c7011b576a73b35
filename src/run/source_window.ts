/** A stretch of a source's bytes that moves on through the file. */
import { SourceError } from "../source/error.ts";

export class SourceWindow {
  readonly #file: Deno.FsFile;
  readonly #end: number;
  #buffer: Uint8Array;
  #length = 0;
  /** Byte offset in the source of the window's first byte. */
  offset: number;

  private constructor(file: Deno.FsFile, offset: number, end: number, capacity: number) {
    this.#file = file;
    this.offset = offset;
    this.#end = end;
    this.#buffer = new Uint8Array(capacity);
  }

  /** Opens the source's bytes from `offset` to `end`; reads nothing yet. */
  static async open(
    path: string,
    offset: number,
    end: number,
    capacity: number,
  ): Promise<SourceWindow> {
    let file: Deno.FsFile;
    try {
      file = await Deno.open(path, { read: true });
    } catch (error) {
      throw new SourceError(`Cannot read ${path}: it is not there any more.`, { cause: error });
    }
    await file.seek(offset, Deno.SeekMode.Start);
    return new SourceWindow(file, offset, end, capacity);
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Does the source end where the window ends? */
  get isLast(): boolean {
    return this.offset + this.#length >= this.#end;
  }

  /**
   * Lets go of the bytes before `keepFrom` (an index into `bytes`) and reads on until the buffer
   * is full, which is made larger if nothing could be let go. Throws SourceError if the file has
   * become shorter.
   */
  async moveOn(keepFrom: number): Promise<void> {
    if (keepFrom > 0) {
      this.#buffer.copyWithin(0, keepFrom, this.#length);
      this.#length -= keepFrom;
      this.offset += keepFrom;
    } else if (this.#length === this.#buffer.length) {
      const larger = new Uint8Array(this.#buffer.length * 2);
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    while (this.#length < this.#buffer.length && !this.isLast) {
      const room = Math.min(
        this.#buffer.length - this.#length,
        this.#end - this.offset - this.#length,
      );
      const read = await this.#file.read(
        this.#buffer.subarray(this.#length, this.#length + room),
      );
      if (read === null) {
        throw new SourceError("The file became shorter while it was read.");
      }
      this.#length += read;
    }
  }

  close(): void {
    this.#file.close();
  }
}
