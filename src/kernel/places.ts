/** Where the kernel's records stand. */
import type { RecordPlaces } from "../source/found_records.ts";
import type { RecordPosition } from "../source/record.ts";
import { type Kernel, PLACE_FIELDS } from "./instance.ts";

/**
 * Worked out when somebody asks. Of a batch of good rows nobody does, and it is 0.05 s of a million
 * rows. Valid until the kernel gets the next batch.
 */
export class KernelPlaces implements RecordPlaces {
  readonly #kernel: Kernel;
  readonly #input: number;
  readonly #at: RecordPosition;
  #lists: RecordPlaces | null = null;

  /** `input`: where the records' bytes lie; `at`: where they begin in the source. */
  constructor(kernel: Kernel, input: number, at: RecordPosition) {
    this.#kernel = kernel;
    this.#input = input;
    this.#at = at;
  }

  get starts(): Int32Array {
    return this.#all.starts;
  }

  get ends(): Int32Array {
    return this.#all.ends;
  }

  get lines(): Float64Array {
    return this.#all.lines;
  }

  get rowNumbers(): Float64Array {
    return this.#all.rowNumbers;
  }

  get #all(): RecordPlaces {
    return this.#lists ??= this.#read();
  }

  #read(): RecordPlaces {
    const { exports, bytes } = this.#kernel;
    const count = exports.count.value;
    const places = new Uint32Array(bytes.buffer, exports.places.value, PLACE_FIELDS * count);
    const starts = new Int32Array(count);
    const ends = new Int32Array(count);
    const lines = new Float64Array(count);
    const rowNumbers = new Float64Array(count);
    for (let record = 0, place = 0; record < count; record++, place += PLACE_FIELDS) {
      starts[record] = places[place] - this.#input;
      ends[record] = places[place + 1] - this.#input;
      lines[record] = this.#at.line + places[place + 2];
      rowNumbers[record] = this.#at.row + places[place + 3];
    }
    return { starts, ends, lines, rowNumbers };
  }
}
