/** Hashes the keys of records that were found before. */
import { CsvReader } from "../source/csv/reader.ts";
import type { FoundRecords } from "../source/found_records.ts";
import { MAX_RECORD_BYTES, type RecordCursor } from "../source/record.ts";
import { ANSWER } from "./contract.ts";
import { assertFound, listFound } from "./found.ts";
import { HashedKeys, type Hashes, type ScannedKeys } from "./hashed_keys.ts";
import { Kernel } from "./instance.ts";
import type { CsvFormat } from "../source/csv/csv_format.ts";

export class FoundScanner {
  readonly #kernel = new Kernel();
  readonly #format: CsvFormat;
  readonly #fields: number;
  readonly #keys: HashedKeys;
  /** What the records need lies from here on. */
  readonly #free: number;
  #found: FoundRecords | null = null;

  /** `fields`: how many the header has. Throws RangeError for a bad delimiter. */
  constructor(format: CsvFormat, fields: number, keys: ScannedKeys) {
    const kernel = this.#kernel;
    this.#format = format;
    this.#fields = fields;
    this.#keys = new HashedKeys(kernel, format, fields, keys, MAX_RECORD_BYTES);
    this.#free = kernel.allocate(0);
  }

  /** Throws if one of them is none. */
  scan(found: FoundRecords): void {
    const kernel = this.#kernel;
    const { exports } = kernel;
    this.#found = found;
    kernel.release(this.#free);
    this.#keys.makeRoom(found.count);
    const input = kernel.store(found.bytes);
    // A value is at most twice as long when it is escaped.
    exports.setScratch(kernel.allocate(2 * longest(found) + this.#keys.spare));
    listFound(kernel, found, input);
    this.#run(found);
    assertFound(kernel, found);
  }

  /** The keys of the records, one after the other; valid until the next are scanned. */
  get hashes(): Hashes {
    return this.#keys.hashes;
  }

  /** One of the records, to be looked at. */
  record(index: number): RecordCursor {
    const { bytes, starts, ends, lines, rowNumbers } = this.#found!;
    const at = { offset: 0, line: lines[index], row: rowNumbers[index] };
    const record = bytes.subarray(starts[index], ends[index]);
    const reader = new CsvReader(record, this.#format, at, this.#fields);
    reader.next();
    return reader;
  }

  #run({ lines, rowNumbers }: FoundRecords): void {
    const { exports } = this.#kernel;
    for (;;) {
      switch (exports.hashFound()) {
        case ANSWER.end:
          return;
        case ANSWER.unusual:
          exports.passRecord(exports.limit.value, 0);
          break;
        case ANSWER.keys: {
          const last = exports.count.value - 1;
          this.#keys.hash(rowNumbers[last], lines[last] + exports.recordLine.value);
          break;
        }
        default:
          throw new Error("The kernel answered what it can't");
      }
    }
  }
}

function longest({ count, starts, ends }: FoundRecords): number {
  let length = 0;
  for (let record = 0; record < count; record++) {
    length = Math.max(length, ends[record] - starts[record]);
  }
  return length;
}
