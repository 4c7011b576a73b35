/**
 * The functions for columns, as the compiled columns see them. A function gets what the column's
 * transforms have made of the source; what it gives is checked like any value. The functions are in
 * another process: so the batch's values are noted first, and then given by it all at once.
 */
import type { Given } from "../../hooks/messages.ts";
import type { ChangedValue, ColumnChange } from "../../row/column_plan.ts";
import { ValueProblem } from "../../row/value_problem.ts";

export class ColumnHooks {
  readonly names: readonly string[];
  /** By row, in the order of `names`; what is asked for, while values are noted. */
  #asked: Map<number, (string | null)[]> | null = null;
  #given: ReadonlyMap<number, readonly Given[]> = new Map();

  constructor(names: readonly string[]) {
    this.names = names;
  }

  /** What becomes of a column's values; null: they stay as they are. */
  of(target: string): ColumnChange | null {
    const at = this.names.indexOf(target);
    if (at === -1) return null;
    return ({ row }, value): ChangedValue => {
      if (this.#asked === null) return changed(this.#given.get(row)?.[at] ?? null);
      const values = this.#asked.get(row) ?? this.names.map(() => null);
      values[at] = value;
      this.#asked.set(row, values);
      return { value: null, isPlain: false };
    };
  }

  /** Does `work`, which writes the columns, and tells what their functions are to get. */
  note(work: () => void): ReadonlyMap<number, readonly (string | null)[]> {
    const asked = this.#asked = new Map<number, (string | null)[]>();
    try {
      work();
      return asked;
    } finally {
      this.#asked = null;
    }
  }

  give(given: ReadonlyMap<number, readonly Given[]>): void {
    this.#given = given;
  }
}

function changed(given: Given): ChangedValue {
  if (given === null || typeof given === "string") return { value: given, isPlain: false };
  if ("error" in given) return { value: new ValueProblem("hook", given.error), isPlain: false };
  return { value: given.j, isPlain: true };
}
