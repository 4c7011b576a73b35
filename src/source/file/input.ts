/** A file that is read from one place on, over a handle of its own. */
import { changed } from "./range.ts";
import { readAnswer } from "./answer.ts";

export class Input implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #end: number;
  #position: number;

  private constructor(path: string, file: Deno.FsFile, start: number, end: number) {
    this.#path = path;
    this.#file = file;
    this.#position = start;
    this.#end = end;
  }

  /** Of the bytes [start, end) of a file. Throws SourceError if the file is gone. */
  static async open(path: string, start: number, end: number): Promise<Input> {
    try {
      return new Input(path, await readAnswer(path, Deno.open(path)), start, end);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) throw changed(path);
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

  /** The next bytes, fewer than `size` only before the end. Throws SourceError. */
  async read(size: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(Math.max(0, Math.min(size, this.#end - this.#position)));
    await readAnswer(this.#path, this.#file.seek(this.#position, Deno.SeekMode.Start));
    for (let filled = 0; filled < bytes.length;) {
      const read = await readAnswer(this.#path, this.#file.read(bytes.subarray(filled)));
      if (read === null) throw changed(this.#path);
      filled += read;
    }
    this.#position += bytes.length;
    return bytes;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
