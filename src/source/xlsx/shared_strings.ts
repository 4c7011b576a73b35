/** The texts that cells refer to by number, as fields of the copy. */
import { join } from "node:path";
import { StorageError } from "../error.ts";
import { addField } from "./cell_text.ts";
import { ByteBuffer } from "./byte_buffer.ts";
import { RichText } from "./rich_text.ts";
import type { XmlEvents } from "./xml_scanner.ts";
import type { XmlTag } from "./xml_tag.ts";

/** Beyond it, texts are kept in a file: a table of a gigabyte fits no memory. */
const MEMORY_BYTES = 64 * 1024 * 1024;
const BLOCK_BYTES = 1024 * 1024;
/** Blocks of the file that are kept in memory. Sheets refer to texts nearly in their order. */
const KEPT_BLOCKS = 32;
/** The place of each so manieth text is known; those between are found from it. */
const STRIDE = 8;
const LENGTH_BYTES = 4;

/** All texts, each after its length. `folder`: for the file, which has no name while it is used. */
export class StringPool {
  count = 0;
  readonly #folder: string;
  readonly #memoryBytes: number;
  readonly #blocks: Uint8Array[] = [];
  readonly #kept = new Map<number, Uint8Array>();
  #file: Deno.FsFile | null = null;
  #block = new ByteBuffer();
  #size = 0;
  #places = new Float64Array(1024);

  constructor(folder: string, memoryBytes = MEMORY_BYTES) {
    this.#folder = folder;
    this.#memoryBytes = memoryBytes;
  }

  /** Throws StorageError. */
  add(field: Uint8Array): void {
    if (this.count % STRIDE === 0) this.#notePlace(this.count / STRIDE);
    const { length } = field;
    const block = this.#block;
    for (let shift = 0; shift < 32; shift += 8) block.push(length >>> shift & 0xff);
    block.add(field, 0, length);
    this.#size += LENGTH_BYTES + length;
    this.count++;
    while (block.length >= BLOCK_BYTES) this.#keep(block.bytes.slice(0, BLOCK_BYTES));
  }

  /** Appends a text; false if there is none of this number. */
  copy(index: number, out: ByteBuffer): boolean {
    if (!(index >= 0 && index < this.count && Number.isInteger(index))) return false;
    let at = this.#places[Math.floor(index / STRIDE)];
    let left = index % STRIDE;
    // Nearly always, all of them are in one block.
    const n = Math.floor(at / BLOCK_BYTES);
    const block = this.#blockAt(n);
    let from = at - n * BLOCK_BYTES;
    for (; from + LENGTH_BYTES <= BLOCK_BYTES; left--) {
      const length = lengthIn(block, from);
      const start = from + LENGTH_BYTES;
      if (left === 0 && start + length <= BLOCK_BYTES) {
        out.add(block, start, start + length);
        return true;
      }
      if (left === 0) break;
      from = start + length;
    }
    at = n * BLOCK_BYTES + from;
    for (; left > 0; left--) at += LENGTH_BYTES + this.#lengthAt(at);
    this.#copy(at + LENGTH_BYTES, this.#lengthAt(at), out);
    return true;
  }

  close(): void {
    this.#file?.close();
  }

  #notePlace(n: number): void {
    if (n === this.#places.length) {
      const more = new Float64Array(2 * n);
      more.set(this.#places);
      this.#places = more;
    }
    this.#places[n] = this.#size;
  }

  #keep(block: Uint8Array): void {
    const buffer = this.#block;
    buffer.bytes.copyWithin(0, BLOCK_BYTES, buffer.length);
    buffer.length -= BLOCK_BYTES;
    if (this.#blocks.length * BLOCK_BYTES < this.#memoryBytes) {
      this.#blocks.push(block);
      return;
    }
    try {
      this.#file ??= unnamedFile(this.#folder);
      for (let at = 0; at < block.length;) at += this.#file.writeSync(block.subarray(at));
    } catch (error) {
      throw new StorageError(
        `Cannot write to the storage folder ${this.#folder}: ` +
          `${error instanceof Error ? error.message : String(error)}. ` +
          "Make it writable, free space in it, or name another one.",
        { cause: error },
      );
    }
  }

  #lengthAt(at: number): number {
    let length = 0;
    for (let i = 0; i < LENGTH_BYTES; i++) {
      const block = this.#blockAt(Math.floor((at + i) / BLOCK_BYTES));
      length |= block[(at + i) % BLOCK_BYTES] << (8 * i);
    }
    return length;
  }

  #copy(at: number, length: number, out: ByteBuffer): void {
    for (let done = 0; done < length;) {
      const from = (at + done) % BLOCK_BYTES;
      const count = Math.min(length - done, BLOCK_BYTES - from);
      out.add(this.#blockAt(Math.floor((at + done) / BLOCK_BYTES)), from, from + count);
      done += count;
    }
  }

  #blockAt(n: number): Uint8Array {
    const { length } = this.#blocks;
    if (n < length) return this.#blocks[n];
    if ((n + 1) * BLOCK_BYTES > this.#size - this.#size % BLOCK_BYTES) return this.#block.bytes;
    const known = this.#kept.get(n);
    if (known !== undefined) return known;
    const block = new Uint8Array(BLOCK_BYTES);
    const file = this.#file;
    if (file === null) throw new Error("There is no such block of texts");
    file.seekSync((n - length) * BLOCK_BYTES, Deno.SeekMode.Start);
    for (let read = 0; read < BLOCK_BYTES;) {
      const got = file.readSync(block.subarray(read));
      if (got === null) throw new StorageError(`Cannot read back a file in ${this.#folder}.`);
      read += got;
    }
    if (this.#kept.size === KEPT_BLOCKS) this.#kept.delete(this.#kept.keys().next().value!);
    this.#kept.set(n, block);
    return block;
  }
}

function lengthIn(block: Uint8Array, at: number): number {
  return block[at] | block[at + 1] << 8 | block[at + 2] << 16 | block[at + 3] << 24;
}

/** The system frees its room when it is closed, or when the process ends. */
function unnamedFile(folder: string): Deno.FsFile {
  Deno.mkdirSync(folder, { recursive: true });
  const path = join(folder, crypto.randomUUID());
  const options = { read: true, write: true, createNew: true, mode: 0o600 };
  const file = Deno.openSync(path, options);
  Deno.removeSync(path);
  return file;
}

/** Fills the pool from the part. Phonetic texts are left out. */
export class SharedStringEvents implements XmlEvents {
  readonly #pool: StringPool;
  readonly #text = new RichText();
  readonly #field = new ByteBuffer();

  constructor(pool: StringPool) {
    this.#pool = pool;
  }

  open(name: string, tag: XmlTag): void {
    if (name === "si") this.#text.clear();
    else this.#text.open(name, tag);
  }
  text(bytes: Uint8Array, from: number, to: number): void {
    this.#text.text(bytes, from, to);
  }
  close(name: string): void {
    if (name !== "si") return this.#text.close(name);
    const { bytes, length } = this.#text.whole();
    this.#field.length = 0;
    addField(this.#field, bytes, length);
    this.#pool.add(this.#field.view());
  }
}
