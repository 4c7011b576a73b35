/** Hashes the keys of records from known places. */
import type { FoundRecords } from "../source/found_records.ts";
import { MAX_RECORD_BYTES, type RecordCursor, type RecordReader } from "../source/record.ts";
import type { RecordFormat } from "../source/record_format.ts";
import { ANSWER } from "./contract.ts";
import { assertFound, listFound } from "./list_found.ts";
import { HashedKeys, type Hashes, type ScannedKeys } from "./hashed_keys.ts";
import { Kernel } from "./instance.ts";

export class FoundScanner {
  readonly #kernel = new Kernel();
  readonly #format: RecordFormat;
  readonly #keys: HashedKeys;
  /** The memory for the records begins here. */
  readonly #free: number;
  #found: FoundRecords | null = null;

  constructor(format: RecordFormat, keys: ScannedKeys) {
    const kernel = this.#kernel;
    this.#format = format;
    this.#keys = new HashedKeys(kernel, format, keys, MAX_RECORD_BYTES);
    this.#free = kernel.allocate(0);
  }

  /** Throws if one of them is not exactly one record. */
  scan(found: FoundRecords): void {
    const kernel = this.#kernel;
    const { exports } = kernel;
    this.#found = found;
    kernel.release(this.#free);
    this.#keys.makeRoom(found.count);
    const input = kernel.store(found.bytes);
    // Escaping makes a value at most twice as long.
    const room = 2 * longest(found) + this.#keys.spare;
    exports.setKeyRoom(kernel.allocate(room), room);
    listFound(kernel, found, input);
    this.#run(found);
    assertFound(kernel, found);
  }

  /** The keys of the records, one after the other; valid until the next scan. */
  get hashes(): Hashes {
    return this.#keys.hashes;
  }

  /** How many bytes the records have. */
  get bytes(): number {
    return this.#found!.bytes.length;
  }

  /** A cursor on one of the records. */
  record(index: number): RecordCursor {
    const reader = this.#readerOf(index);
    reader.next();
    return reader;
  }

  #readerOf(index: number): RecordReader {
    const { bytes, starts, ends, lines, rowNumbers } = this.#found!;
    const at = { offset: 0, line: lines[index], row: rowNumbers[index] };
    return this.#format.reader(bytes.subarray(starts[index], ends[index]), at);
  }

  #run({ lines, rowNumbers }: FoundRecords): void {
    const { exports } = this.#kernel;
    for (;;) {
      switch (exports.hashFound()) {
        case ANSWER.end:
          return;
        case ANSWER.unusual:
          this.#passUnusual();
          break;
        case ANSWER.keys: {
          const last = exports.count.value - 1;
          this.#keys.hash(rowNumbers[last], lines[last] + exports.recordLine.value);
          break;
        }
        default:
          throw new Error("The kernel gave an unexpected answer");
      }
    }
  }

  /** Passes a record that the kernel can't read. */
  #passUnusual(): void {
    const { exports } = this.#kernel;
    const end = exports.limit.value;
    const record = this.#readerOf(exports.count.value);
    const length = end - exports.at.value;
    // If this is not exactly one record, `assertFound` notices at the end.
    if (!record.next() || record.nextOffset !== length) return exports.passBytes(end, 0);
    exports.takeRecord(exports.at.value, end, 0, end, 0);
    this.#keys.hashRecord(record);
  }
}

function longest({ count, starts, ends }: FoundRecords): number {
  let length = 0;
  for (let record = 0; record < count; record++) {
    length = Math.max(length, ends[record] - starts[record]);
  }
  return length;
}
