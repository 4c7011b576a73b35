/**
 * How many steps a matcher may take: for one text, and for all texts of its pattern together.
 */
import type { Program } from "./program.ts";

/** The text and the pattern together need too many steps. */
export class PatternTooSlow extends Error {
  override readonly name = "PatternTooSlow";
}

/** A step takes some 10 ns. */
const STEPS = 500_000;
/** A text is read a few times in any case, and each instruction may look at each position. */
const STEPS_PER_UNIT = 16;
const MOST_STEPS = 200_000_000;
/**
 * What a text may need in any case. What goes beyond it is limited for all texts of a pattern together,
 * so that a batch full of texts that reach the limit takes seconds, not hours.
 */
const FREE = 2_500;
const FREE_PER_UNIT = 64;
const CREDIT = 10_000_000;

export class Steps {
  readonly #perUnit: number;
  #taken = 0;
  #limit = 0;
  #credit = CREDIT;
  /** What the text may need in any case. */
  #free = 0;

  constructor({ memos, instructions }: Pick<Program, "memos" | "instructions">) {
    this.#perUnit = memos === 0 ? STEPS_PER_UNIT : STEPS_PER_UNIT + 4 * instructions.length;
  }

  /** For the text so far. */
  get taken(): number {
    return this.#taken;
  }

  /** Throws PatternTooSlow. */
  take(count: number): void {
    this.#taken += count;
    if (this.#taken > this.#limit) throw new PatternTooSlow("too many steps");
  }

  /** A text that takes none. */
  pass(): void {
    this.#credit = Math.min(CREDIT, this.#credit + FREE);
  }

  /** Begins with a text of this length. */
  begin(length: number): void {
    this.#settle();
    this.#taken = 0;
    const perUnit = this.#perUnit;
    const limit = Math.min(STEPS + perUnit * length, MOST_STEPS);
    this.#free = Math.min(limit, FREE + Math.min(perUnit, FREE_PER_UNIT) * length);
    this.#limit = Math.min(limit, this.#free + this.#credit);
  }

  /** What the last text has needed beyond its own share. */
  #settle(): void {
    this.#credit = Math.min(CREDIT, Math.max(0, this.#credit + this.#free - this.#taken));
  }
}
