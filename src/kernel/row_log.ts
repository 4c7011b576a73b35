/** Lines of the row log, written by the kernel as far as it is sure of the records. */
import type { CopyWriter } from "../row/copy_writer.ts";
import { delimiterByte, MAX_RECORD_BYTES, newlineByte } from "../source/quoted_field.ts";
import type { CsvFormat } from "../source/record.ts";
import { Kernel } from "./instance.ts";
import { KernelRecord } from "./record.ts";

const encoder = new TextEncoder();

/** Of `Name` in assembly/log.ts. */
const NAME_BYTES = 8;
/** A control character is seven characters in JSON, escaped for COPY; two are its digits. */
const LONGEST_BYTE = 9;
/** The numbers before the record, and the separators. */
const POSITION_BYTES = 100;
const FIRST_ROOM = 1 << 16;

export type LoggedStatus = "created" | "updated" | "skipped" | "failed";

export class RowLogWriter {
  readonly #kernel = new Kernel();
  readonly #run: number;
  readonly #statuses: ReadonlyMap<string, number>;
  readonly #namesBytes: number;
  /** What a batch needs lies from here on. */
  readonly #batch: number;
  #status = "";
  #input = 0;
  #output = 0;
  #room = 0;

  /** `names`: of the fields, as they are to be shown. Throws RangeError for a bad delimiter. */
  constructor(run: number, format: CsvFormat, names: readonly string[]) {
    const kernel = this.#kernel;
    const { exports } = kernel;
    this.#run = run;
    new KernelRecord(kernel, names.length);
    exports.delimiter.value = delimiterByte(format);
    exports.newline.value = newlineByte(format.newline);
    exports.maxRecordBytes.value = MAX_RECORD_BYTES;
    const openings = names.map((name) =>
      encoder.encode(`${JSON.stringify(name).replaceAll("\\", "\\\\")}:"`)
    );
    this.#namesBytes = openings.reduce((sum, { length }) => sum + length + 2, 0);
    exports.names.value = kernel.allocate(NAME_BYTES * names.length);
    for (const [index, opening] of openings.entries()) {
      const place = kernel.store(opening);
      const entry = new Uint32Array(kernel.bytes.buffer, exports.names.value + 8 * index, 2);
      entry.set([place, opening.length]);
    }
    this.#statuses = new Map(
      ["created", "updated", "skipped", "failed"].map((word) => [
        word,
        kernel.store(encoder.encode(word)),
      ]),
    );
    this.#batch = kernel.allocate(0);
  }

  /** From here on, records of these bytes are logged; what was written before is gone. */
  begin(bytes: Uint8Array): void {
    const kernel = this.#kernel;
    kernel.release(this.#batch);
    this.#input = kernel.store(bytes);
    this.#output = kernel.allocate(0);
    kernel.exports.out.value = this.#output;
    this.#room = 0;
    this.#makeRoom(FIRST_ROOM);
  }

  /**
   * Writes the record between `start` and `end`: all but its errors, which are to be appended.
   * False, having written nothing, for a record that is unusual.
   */
  add(start: number, end: number, row: number, line: number, status: LoggedStatus): boolean {
    const { exports } = this.#kernel;
    this.#makeRoom(LONGEST_BYTE * (end - start) + this.#namesBytes + POSITION_BYTES);
    if (status !== this.#status) {
      this.#status = status;
      exports.status.value = this.#statuses.get(status)!;
      exports.statusLength.value = status.length;
    }
    return exports.logRow(this.#input + start, this.#input + end, this.#run, row, line) !== 0;
  }

  /** What was written elsewhere. */
  append(written: CopyWriter): void {
    const bytes = written.view();
    this.#makeRoom(bytes.length);
    this.#kernel.bytes.set(bytes, this.#kernel.exports.out.value);
    this.#kernel.exports.out.value += bytes.length;
  }

  /** All lines since `begin`; valid until then. */
  lines(): Uint8Array {
    return this.#kernel.bytes.subarray(this.#output, this.#kernel.exports.out.value);
  }

  /** For so many bytes more. */
  #makeRoom(more: number): void {
    const needed = this.#kernel.exports.out.value - this.#output + more;
    if (needed <= this.#room) return;
    this.#room = 2 * needed;
    this.#kernel.release(this.#output);
    this.#kernel.allocate(this.#room);
  }
}
