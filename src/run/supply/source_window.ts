/** A window of a source's bytes that moves through the file. */
import { readAnswer } from "../../source/file/answer.ts";
import { SourceError } from "../../source/error.ts";
import { openForReading } from "../../source/file/stored_at.ts";

/** The memory that holds the window's bytes. */
export interface Room {
  /** Valid until `grow`. */
  readonly window: Uint8Array;
  /** Makes the window larger, keeping its bytes. */
  grow(): void;
}

/** Two batches of the usual size and a little more. */
const FIRST_BYTES = 9_000_000;

export class SourceWindow {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #end: number;
  readonly #room: Room;
  #length = 0;
  #isFirst = true;
  /** Byte offset in the source of the window's first byte. */
  offset: number;

  private constructor(
    path: string,
    file: Deno.FsFile,
    offset: number,
    end: number,
    room: Room,
  ) {
    this.#path = path;
    this.#file = file;
    this.offset = offset;
    this.#end = end;
    this.#room = room;
  }

  /** Opens the source's bytes from `offset` to `end`; reads nothing yet. */
  static async open(
    path: string,
    offset: number,
    end: number,
    room: Room,
  ): Promise<SourceWindow> {
    let file: Deno.FsFile;
    try {
      file = await openForReading(path);
    } catch (error) {
      if (error instanceof SourceError) throw error;
      throw new SourceError(`Cannot read ${path}: it no longer exists.`, { cause: error });
    }
    await file.seek(offset, Deno.SeekMode.Start);
    return new SourceWindow(path, file, offset, end, room);
  }

  get bytes(): Uint8Array {
    return this.#room.window.subarray(0, this.#length);
  }

  get length(): number {
    return this.#length;
  }

  /** Does the source end where the window ends? */
  get isLast(): boolean {
    return this.offset + this.#length >= this.#end;
  }

  /**
   * Drops the bytes before `keepFrom` (an index into `bytes`) and reads until the buffer is full.
   * If there is nothing to drop, the buffer grows. Throws SourceError if the file has become
   * shorter.
   */
  async moveOn(keepFrom: number): Promise<void> {
    if (keepFrom > 0) {
      this.#room.window.copyWithin(0, keepFrom, this.#length);
      this.#length -= keepFrom;
      this.offset += keepFrom;
    } else if (this.#length === this.#room.window.length) {
      this.#room.grow();
    }
    const { window } = this.#room;
    // Read little the first time, so that the caller need not wait long for it.
    const full = this.#isFirst ? Math.min(FIRST_BYTES, window.length) : window.length;
    this.#isFirst = false;
    while (this.#length < full && !this.isLast) {
      const left = Math.min(full - this.#length, this.#end - this.offset - this.#length);
      const room = window.subarray(this.#length, this.#length + left);
      const read = await readAnswer(this.#path, this.#file.read(room));
      if (read === null) {
        throw new SourceError("The file became shorter while it was being read.");
      }
      this.#length += read;
    }
  }

  close(): void {
    this.#file.close();
  }
}
