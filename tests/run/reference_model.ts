/** The reference: what becomes of tables in memory to which a file's rows are applied one by one. */
import { type Case, hasCondition, WITHOUT_EMAIL } from "./reference_case.ts";
import {
  failed,
  invalid,
  nulled,
  type Outcome,
  PARENT_MISSING,
  unreadable,
} from "./reference_faults.ts";
import { type Beside, ModelOfOthers } from "./reference_beside.ts";
import { ReferenceTable, type StoredRow, type TakenRow } from "./reference_table.ts";

export interface Expected {
  readonly table: readonly StoredRow[];
  readonly taken: readonly TakenRow[];
  readonly beside: Beside;
  readonly outcomes: readonly Outcome[];
  /** Why nothing was loaded. */
  readonly failure: "rows_failed" | "absent_refused" | null;
  /** Null if rows that the file doesn't have are left alone. */
  readonly absent: { readonly inScope: number; readonly absent: number } | null;
  /** A row took a unique value that an update had freed: ingest promises nothing for such files. */
  readonly usesFreedValue: boolean;
}

export function failedRows({ outcomes }: Pick<Expected, "outcomes">): readonly number[] {
  return outcomes.flatMap(({ status }, index) => status === "failed" ? [index + 1] : []);
}

export function applyOneByOne(each: Case): Expected {
  const model = new Model(each);
  const before = model.state;
  const scope = each.absent === null ? [] : model.table.inScope(each.absent);
  const outcomes = model.applyAll();
  const usesFreedValue = model.usesFreedValue();
  const anyFailed = outcomes.some(({ status }) => status === "failed");
  const untouched = { ...before, outcomes, usesFreedValue, absent: null };
  if (anyFailed && each.transaction === "run") return { ...untouched, failure: "rows_failed" };
  let absent: Expected["absent"] = null;
  // Where nothing can be absent, no key has to be known.
  const isKnown = !anyFailed || each.absent?.despite === true &&
      (scope.length === 0 || failedRows({ outcomes }).every((row) => model.hasKey(row)));
  if (each.absent !== null && isKnown) {
    const lost = scope.filter((row) => !model.isInFile(row));
    const mayGo = model.table.removeAbsent(lost, each.absent);
    if (!mayGo) return { ...untouched, failure: "absent_refused" };
    absent = { inScope: scope.length, absent: lost.length };
  }
  return { ...model.state, outcomes, failure: null, absent, usesFreedValue };
}

class Model {
  readonly table: ReferenceTable;
  readonly #others: ModelOfOthers;
  readonly #each: Case;
  readonly #rows: Case["rows"];

  constructor(each: Case) {
    this.#each = each;
    this.#rows = each.rows.map((row) =>
      hasCondition(each) && !("ragged" in row) && row.amount === WITHOUT_EMAIL
        ? { ...row, email: "" }
        : row
    );
    this.table = new ReferenceTable(each.shape, each.rules, each.absent);
    for (const row of each.existing) {
      this.table.insertInitial({ ...nulled(each.shape, row), gone: row.gone });
    }
    const keys = this.table.rows.map(({ k }) => this.table.keyText(k ?? ""));
    this.#others = new ModelOfOthers(each.others, keys);
  }

  get state() {
    const { rows, taken } = this.table.save();
    return { table: rows, taken, beside: this.#others.save() };
  }

  applyAll(): readonly Outcome[] {
    const outcomes = this.#rows.map((row) => this.#apply(row));
    // Rows that refer to a missing row of the table are tried again until nothing changes.
    for (let changed = true; changed;) {
      changed = false;
      for (const [index, row] of this.#rows.entries()) {
        if (outcomes[index] !== "waits") continue;
        const outcome = outcomes[index] = this.#apply(row);
        if (outcome !== "waits" && outcome.status !== "failed") changed = true;
      }
    }
    return outcomes.map((outcome) => outcome === "waits" ? failed(PARENT_MISSING) : outcome);
  }

  #apply(row: Case["rows"][number]): Outcome | "waits" {
    if ("ragged" in row) return failed(...unreadable(row.ragged));
    const { shape, rules } = this.#each;
    const faults = [...invalid(shape, rules, row), ...this.#others.faults(row)];
    if (faults.length > 0) return { status: "failed", all: faults };
    const before = this.table.save();
    const found = this.#others.lookUp(row);
    const key = this.table.keyText(row.k);
    const applied = this.table.apply({ ...nulled(shape, row), ...found });
    if (applied === "waits") return applied;
    const refused = this.#others.refusals(key, row);
    if (applied.status === "failed" && "any" in applied) return failed(...applied.any, ...refused);
    const { linked = false, ...outcome } = applied;
    if (!linked) return outcome;
    if (refused.length > 0) {
      this.table.restore(before);
      return failed(...refused);
    }
    this.#others.relate(key, row);
    return outcome;
  }

  /** Can the key of a row, which has failed, be read? */
  hasKey(number: number): boolean {
    const row = this.#rows[number - 1];
    if ("ragged" in row || row.k.trim() === "") return false;
    const { key } = this.#each.shape;
    return key === "text" || (key === "int" ? /^[+-]?\d+$/ : /^[\d.e]+$/).test(row.k);
  }

  isInFile({ k }: StoredRow): boolean {
    return this.#rows.some((row) =>
      !("ragged" in row) && this.table.sameKey(nulled(this.#each.shape, row).k, k)
    );
  }

  usesFreedValue(): boolean {
    const claimed = new Map<string, Set<string>>();
    for (const row of this.#rows) {
      if ("ragged" in row) continue;
      for (const value of this.table.uniqueEmails(row)) {
        const keys = claimed.get(value) ?? new Set();
        claimed.set(value, keys.add(this.table.keyText(row.k)));
      }
    }
    return this.table.freed.some(({ value, key }) =>
      [...claimed.get(value) ?? []].some((other) => other !== key)
    );
  }
}
