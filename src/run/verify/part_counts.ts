/** What is known of the rows of a part, by table: how many may differ although nobody changed them. */
import type { CountsByTable, LoadedRowCounts } from "../../ledger/batches/loaded_batches.ts";
import type { LoadPlan } from "../../load/load_plan.ts";
import type { RunProgram } from "../program.ts";
import { Allowance, type Allowances } from "./allowance.ts";

type Counts = Omit<LoadedRowCounts, "rows"> & { readonly updated: number };

/** What is known of a table's rows. */
export interface OfTable {
  readonly allowances: Allowances;
  /** All of them were created, or failed. */
  readonly onlyCreated: boolean;
}

export class PartCounts {
  readonly #skipped: Allowance;
  readonly #taken: Allowance;
  readonly #failed: Allowance;
  readonly #onlyCreated: boolean;
  /** Null: there is one table. */
  readonly #byTable: CountsByTable | null;
  /** Tables that have the same name in different schemas are counted together. */
  readonly #shared = new Map<string, { readonly skipped: Allowance; readonly failed: Allowance }>();
  readonly #isLogged: boolean;

  /** `isLogged`: which rows were skipped is known. */
  constructor(counts: Counts, byTable: CountsByTable | null, isLogged: boolean) {
    const { skipped, taken, failed, updated } = counts;
    this.#skipped = new Allowance(skipped - taken);
    this.#taken = new Allowance(isLogged ? 0 : taken);
    this.#failed = new Allowance(failed);
    this.#onlyCreated = updated + skipped === 0;
    this.#byTable = byTable;
    this.#isLogged = isLogged;
  }

  /** Of the rows that go into the program's table. `failed`: how many of these are known to have. */
  of({ loadPlan }: RunProgram, failed: number): OfTable {
    const knowsSkipped = this.#isLogged && !mayLackRows(loadPlan);
    const none = new Allowance(0);
    if (this.#byTable === null) {
      this.#failed.takeCount(failed);
      return {
        allowances: {
          skipped: knowsSkipped ? none : this.#skipped,
          taken: this.#taken,
          failed: this.#failed,
        },
        onlyCreated: this.#onlyCreated,
      };
    }
    const { name } = loadPlan.table;
    const { updated = 0, skipped = 0, failed: all = 0 } = this.#byTable[name] ?? {};
    const own = this.#shared.get(name) ??
      { skipped: new Allowance(skipped), failed: new Allowance(all) };
    this.#shared.set(name, own);
    own.failed.takeCount(failed);
    return {
      allowances: {
        // Those that a trigger took are counted with them.
        skipped: knowsSkipped ? none : new Allowance(skipped, [own.skipped, this.#skipped]),
        taken: new Allowance(skipped, [own.skipped, this.#taken]),
        failed: own.failed,
      },
      onlyCreated: updated + skipped === 0,
    };
  }

  /** Rows that no table took: how many of them failed that are not known. */
  ofNoTable(failed: number): Allowance {
    const elsewhere = Object.values(this.#byTable ?? {})
      .reduce((sum, { failed = 0 }) => sum + failed, 0);
    return new Allowance(this.#failed.left - elsewhere - failed);
  }
}

/** A row may have been skipped because there was none to update; the log doesn't tell. */
function mayLackRows({ onMissing }: LoadPlan): boolean {
  return onMissing === "skip";
}
