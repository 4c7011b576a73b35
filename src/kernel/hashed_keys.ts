/** The keys of the records that a kernel reads: their description and their hashes. */
import type { RecordCursor } from "../source/record.ts";
import type { RecordFormat } from "../source/record_format.ts";
import { type DescribedKey, describeKeys } from "./described_keys.ts";
import { spareBytes } from "./row_room.ts";
import { PLACE, SIZE } from "./contract.ts";
import type { Kernel } from "./instance.ts";
import { KernelRecord } from "./record.ts";
import { setSource } from "./set_source.ts";

/** The keys of one record, or of many one after the other. */
export interface Hashes {
  /** Two words, which are one hash, for each key. */
  readonly words: Int32Array;
  /** 0 if the row has no value for this key that could equal another row's. */
  readonly present: Uint8Array;
}

export interface ScannedKeys {
  readonly keys: readonly DescribedKey[];
  /** Hashes the keys of a record that the kernel leaves to its caller. `index`: its number. */
  hash(record: RecordCursor, index: number): Hashes;
}

export class HashedKeys {
  readonly #kernel: Kernel;
  readonly #keys: ScannedKeys | null;
  readonly #keyCount: number;
  readonly #record: KernelRecord;
  /** How many bytes the values of a record may need beyond twice the record. */
  readonly spare: number;
  #hashes = 0;
  #present = 0;

  /** `keys`: null if records are only counted. */
  constructor(
    kernel: Kernel,
    format: RecordFormat,
    keys: ScannedKeys | null,
    maxRecordBytes: number,
  ) {
    const described = keys?.keys ?? [];
    this.#kernel = kernel;
    this.#keys = keys;
    this.#keyCount = described.length;
    setSource(kernel, format, keys !== null, maxRecordBytes);
    this.#record = new KernelRecord(kernel, format);
    this.spare = spareBytes(described.flatMap(({ columns }) => columns));
    kernel.exports.setKeys(describeKeys(kernel, described), described.length);
  }

  /** Makes room for the keys and places of this many new records. */
  makeRoom(records: number): void {
    const kernel = this.#kernel;
    const keys = records * this.#keyCount;
    const places = kernel.allocate(PLACE.bytes * records);
    this.#hashes = kernel.allocate(SIZE.hash * keys);
    this.#present = kernel.allocate(keys);
    kernel.exports.setKeyLists(places, this.#hashes, this.#present, records);
  }

  /** The hashes of the records so far, one after the other; valid until others are read. */
  get hashes(): Hashes {
    const { exports, bytes } = this.#kernel;
    const keys = exports.count.value * this.#keyCount;
    return {
      words: new Int32Array(bytes.buffer, this.#hashes, 2 * keys),
      present: new Uint8Array(bytes.buffer, this.#present, keys),
    };
  }

  /** Hashes the keys of the last record for the kernel. */
  hash(row: number, line: number): void {
    this.hashRecord(this.#record.look(row, line));
  }

  /** Hashes the keys of the record listed last. It has none if it can't be used as a row. */
  hashRecord(record: RecordCursor): void {
    if (this.#keyCount === 0) return;
    const { exports, bytes } = this.#kernel;
    const index = exports.count.value - 1;
    const first = index * this.#keyCount;
    if (record.defect !== null) {
      bytes.fill(0, this.#present + first, this.#present + first + this.#keyCount);
      return;
    }
    const { words, present } = this.#keys!.hash(record, index);
    new Int32Array(bytes.buffer, this.#hashes).set(words, 2 * first);
    bytes.set(present, this.#present + first);
  }
}
