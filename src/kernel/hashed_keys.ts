/** The keys of the records that a kernel goes through: what it is told of them, and what it finds. */
import { delimiterByte, newlineByte } from "../source/csv/quoted_field.ts";
import type { RecordCursor } from "../source/record.ts";
import { type DescribedKey, describeKeys, spareBytes } from "./columns.ts";
import { type Kernel, PLACE_BYTES } from "./instance.ts";
import { KernelRecord } from "./record.ts";
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
  readonly #record: KernelRecord;
  /** How many bytes the values of a record may need beyond twice the record. */
  readonly spare: number;

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
    const { exports } = kernel;
    this.#kernel = kernel;
    this.#keys = keys;
    this.#record = new KernelRecord(kernel, fields);
    this.spare = spareBytes((keys?.keys ?? []).flatMap(({ columns }) => columns));
    exports.delimiter.value = delimiterByte(format);
    exports.newline.value = newlineByte(format.newline);
    exports.maxRecordBytes.value = maxRecordBytes;
    exports.strict.value = keys === null ? 0 : 1;
    exports.keyCount.value = keys?.keys.length ?? 0;
    exports.keys.value = describeKeys(kernel, keys?.keys ?? []);
  }

  /** For the keys and places of so many records; of none that were read before. */
  makeRoom(records: number): void {
    const kernel = this.#kernel;
    const { exports } = kernel;
    const keys = records * exports.keyCount.value;
    exports.capacity.value = records;
    exports.places.value = kernel.allocate(PLACE_BYTES * records);
    exports.hashes.value = kernel.allocate(8 * keys);
    exports.present.value = kernel.allocate(keys);
  }

  /** Of the records so far, one after the other; valid until others are read. */
  get hashes(): Hashes {
    const { hashes, present, count, keyCount } = this.#kernel.exports;
    const { buffer } = this.#kernel.bytes;
    const keys = count.value * keyCount.value;
    return {
      words: new Int32Array(buffer, hashes.value, 2 * keys),
      present: new Uint8Array(buffer, present.value, keys),
    };
  }

  /** The caller's part of the record that was read last. */
  hash(row: number, line: number): void {
    const { exports, bytes } = this.#kernel;
    const index = exports.count.value - 1;
    const { words, present } = this.#keys!.hash(this.#record.look(row, line), index);
    const first = index * exports.keyCount.value;
    new Int32Array(bytes.buffer, exports.hashes.value).set(words, 2 * first);
    bytes.set(present, exports.present.value + first);
  }

  /** The record that the kernel stands before can't be used as a row, and has no keys. */
  passUnusual(end: number, lines: number): void {
    const { exports, bytes } = this.#kernel;
    const keyCount = exports.keyCount.value;
    const first = exports.present.value + exports.count.value * keyCount;
    exports.keep(exports.at.value, end, exports.lines.value);
    exports.at.value = end;
    exports.lines.value += lines;
    bytes.fill(0, first, first + keyCount);
  }
}
