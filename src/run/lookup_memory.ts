/**
 * What a worker remembers of a look-up, from batch to batch: which value led to which. It only spares
 * a batch from being encoded twice. Each batch asks the table anew for each of its values, and is
 * encoded again if the answer has changed.
 */
import type { LookupProgram } from "../row/pipeline.ts";

export class LookupMemory {
  /** To look for what was probably meant takes too long. */
  isSlow = false;
  readonly #known = new Map<string, string | null>();
  #characters = 0;

  get(key: string): string | null | undefined {
    return this.#known.get(key);
  }

  /** It begins again when it is full. */
  set(key: string, text: string | null): void {
    const characters = key.length + (text?.length ?? 0);
    if (characters > LONGEST) return;
    if (this.#known.size >= MOST || this.#characters + characters > MOST_CHARACTERS) {
      this.#known.clear();
      this.#characters = 0;
    }
    if (!this.#known.has(key)) this.#characters += characters;
    this.#known.set(key, text);
  }

  delete(key: string): void {
    this.#known.delete(key);
  }
}

/** Of a value and what it leads to, in UTF-16 units. */
const LONGEST = 1_000;
/** Some 20 MB. */
const MOST = 100_000, MOST_CHARACTERS = 4_000_000;

/** A worker's memory of all look-ups of a run. */
export type Lookups = Map<LookupProgram, LookupMemory>;

export function memoryOf(lookups: Lookups, lookup: LookupProgram): LookupMemory {
  let memory = lookups.get(lookup);
  if (memory === undefined) lookups.set(lookup, memory = new LookupMemory());
  return memory;
}
