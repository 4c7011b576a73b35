/** A file that is read from one place on, over a handle of its own. */
import { changed, gone } from "./range.ts";
import { readAnswer } from "./answer.ts";
import { openForReading } from "./stored_at.ts";

const BUFFER_BYTES = 128 * 1024;

export class Input implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #end: number;
  #position: number;
  /** The bytes that were read last, and where they are in the file. */
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array();
  #bufferStart = 0;

  private constructor(path: string, file: Deno.FsFile, start: number, end: number) {
    this.#path = path;
    this.#file = file;
    this.#position = start;
    this.#end = end;
  }

  /** Of the bytes [start, end) of a file. Throws SourceError if the file is gone. */
  static async open(path: string, start: number, end: number): Promise<Input> {
    try {
      return new Input(path, await openForReading(path), start, end);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) throw gone(path);
      throw error;
    }
  }

  /** Byte offset in the file of what is read next. */
  get position(): number {
    return this.#position;
  }

  set position(position: number) {
    this.#position = position;
  }

  /** How many bytes there are to read. */
  get left(): number {
    return Math.max(0, this.#end - this.#position);
  }

  /**
   * The next bytes, fewer than `size` only before the end. They stay as they are. Throws SourceError if
   * the file has become shorter.
   */
  async read(size: number): Promise<Uint8Array<ArrayBuffer>> {
    const wanted = Math.min(size, this.left);
    let from = this.#position - this.#bufferStart;
    if (from < 0 || from + wanted > this.#buffer.length) {
      await this.#fill(Math.min(Math.max(wanted, BUFFER_BYTES), this.left));
      from = 0;
    }
    this.#position += wanted;
    return this.#buffer.subarray(from, from + wanted);
  }

  async #fill(size: number): Promise<void> {
    const bytes = new Uint8Array(size);
    await readAnswer(this.#path, this.#file.seek(this.#position, Deno.SeekMode.Start));
    for (let filled = 0; filled < size;) {
      const read = await readAnswer(this.#path, this.#file.read(bytes.subarray(filled)));
      if (read === null) throw changed(this.#path);
      filled += read;
    }
    this.#buffer = bytes;
    this.#bufferStart = this.#position;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
