/** The keys of the records that a kernel goes through: what it is told of them, and what it finds. */
import type { RecordCursor } from "../source/record.ts";
import { type DescribedKey, describeKeys, spareBytes } from "./columns.ts";
import { PLACE, SIZE } from "./contract.ts";
import type { Kernel } from "./instance.ts";
import { KernelRecord } from "./record.ts";
import { setSource } from "./set_source.ts";
import type { CsvFormat } from "../source/csv/csv_format.ts";

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

  /**
   * `fields`: how many the header has. `keys`: null if records are only counted. Throws RangeError
   * for a bad delimiter.
   */
  constructor(
    kernel: Kernel,
    format: CsvFormat,
    fields: number,
    keys: ScannedKeys | null,
    maxRecordBytes: number,
  ) {
    const described = keys?.keys ?? [];
    this.#kernel = kernel;
    this.#keys = keys;
    this.#keyCount = described.length;
    setSource(kernel, format, fields, keys !== null, maxRecordBytes);
    this.#record = new KernelRecord(kernel, fields);
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

  /** The caller's part of the record that was read last. */
  hash(row: number, line: number): void {
    const { exports, bytes } = this.#kernel;
    const index = exports.count.value - 1;
    const { words, present } = this.#keys!.hash(this.#record.look(row, line), index);
    const first = index * this.#keyCount;
    new Int32Array(bytes.buffer, this.#hashes).set(words, 2 * first);
    bytes.set(present, this.#present + first);
  }
}
