/** In how many rows of a run columns are NULL, for those that its definition asks about. */
import { columnsCounted } from "../../importer/gates.ts";
import { countNulls } from "../../load/count_nulls.ts";
import type { LoadedRows } from "../../load/encoded_rows.ts";
import type { RunProgram } from "../program.ts";
import type { EncodedBatch } from "./encode.ts";

export class NullCounts {
  /** By column, with its place among those that are sent; -1: the file doesn't fill it. */
  readonly #places: ReadonlyMap<string, number>;
  readonly #nulls = new Map<string, number>();

  private constructor(places: ReadonlyMap<string, number>) {
    this.#places = places;
  }

  /** Null if nobody has asked, so that nothing is counted. */
  static askedFor({ run, loadPlan }: Pick<RunProgram, "run" | "loadPlan">): NullCounts | null {
    const names = columnsCounted(run.definition.options);
    if (names.length === 0) return null;
    return new NullCounts(new Map(names.map((name) => [name, loadPlan.columns.indexOf(name)])));
  }

  readonly add = ({ good }: Pick<EncodedBatch, "good">, loaded: LoadedRows): void => {
    for (const [name, place] of this.#places) {
      if (place < 0) continue;
      this.#nulls.set(name, (this.#nulls.get(name) ?? 0) + countNulls(good, loaded, place));
    }
  };

  /** `rows`: how many have not failed. A column that the file doesn't fill has no value in any. */
  counts(rows: number): Readonly<Record<string, number>> {
    return Object.fromEntries(
      [...this.#places].map((
        [name, place],
      ) => [name, place < 0 ? rows : this.#nulls.get(name) ?? 0]),
    );
  }
}
