/** The keys of the records that a kernel goes through: what it is told of them, and what it finds. */
import type { RecordCursor } from "../source/record.ts";
import type { RecordFormat } from "../source/record_format.ts";
import { type DescribedKey, describeKeys, spareBytes } from "./columns.ts";
import { PLACE, SIZE } from "./contract.ts";
import type { Kernel } from "./instance.ts";
import { KernelRecord } from "./record.ts";
import { setSource } from "./set_source.ts";

/** The keys of one record, or of many one after the other. */
export interface Hashes {
  /** Two numbers for each key. */
  readonly words: Int32Array;
  /** 0: the row has no value for this key that could be the same as another row's. */
  readonly present: Uint8Array;
}

export interface ScannedKeys {
  readonly keys: readonly DescribedKey[];
  /** The keys of a record that the kernel leaves to its caller; its number among the records. */
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
    this.#record = new KernelRecord(kernel, format.fields);
    this.spare = spareBytes(described.flatMap(({ columns }) => columns));
    kernel.exports.setKeys(describeKeys(kernel, described), described.length);
  }

  /** For the keys and places of so many records; of none that were read before. */
  makeRoom(records: number): void {
    const kernel = this.#kernel;
    const keys = records * this.#keyCount;
    const places = kernel.allocate(PLACE.bytes * records);
    this.#hashes = kernel.allocate(SIZE.hash * keys);
    this.#present = kernel.allocate(keys);
    kernel.exports.setKeyLists(places, this.#hashes, this.#present, records);
  }

  /** Of the records so far, one after the other; valid until others are read. */
  get hashes(): Hashes {
    const { exports, bytes } = this.#kernel;
    const keys = exports.count.value * this.#keyCount;
    return {
      words: new Int32Array(bytes.buffer, this.#hashes, 2 * keys),
      present: new Uint8Array(bytes.buffer, this.#present, keys),
    };
  }

  /** The caller's part of the record that the kernel has read last. */
  hash(row: number, line: number): void {
    this.hashRecord(this.#record.look(row, line));
  }

  /** The keys of the record that was listed last. It has none if it can't be used as a row. */
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
