/** Gives the kernel records from known places: see assembly/found.ts. */
import type { FoundRecords } from "../source/found_records.ts";
import type { Kernel } from "./instance.ts";
import { END, PLACE_WORDS, START } from "./places.ts";

/** Tells the kernel where the records are. `input`: the place of their bytes in its memory. */
export function listFound(kernel: Kernel, found: FoundRecords, input: number): void {
  const { exports, bytes } = kernel;
  const { count, starts, ends } = found;
  const places = new Uint32Array(bytes.buffer, exports.places.value, PLACE_WORDS * count);
  for (let record = 0, place = 0; record < count; record++, place += PLACE_WORDS) {
    places[place + START] = input + starts[record];
    places[place + END] = input + ends[record];
  }
  exports.readFound(count);
}

/** Call it when the kernel has reached the end. Throws if one was not exactly one record. */
export function assertFound({ exports }: Kernel, { count }: FoundRecords): void {
  const [begun, read] = [exports.begun.value, exports.count.value];
  if (begun === count && read === count) return;
  throw new Error(`${begun} of ${count} listed records were read as ${read} records`);
}
