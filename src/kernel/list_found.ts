/** Records that were found before, in the kernel: see assembly/found.ts. */
import type { FoundRecords } from "../source/found_records.ts";
import type { Kernel } from "./instance.ts";
import { END, PLACE_WORDS, START } from "./places.ts";

/** Tells the kernel where they stand. `input`: where it has their bytes. */
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

/** To be asked when the kernel has come to their end. Throws if one of them was not one record. */
export function assertFound({ exports }: Kernel, { count }: FoundRecords): void {
  const [begun, read] = [exports.begun.value, exports.count.value];
  if (begun === count && read === count) return;
  throw new Error(`Of ${count} records that were found, ${begun} were read as ${read}`);
}
