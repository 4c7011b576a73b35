/** The reference: a table in memory that applies rows one by one, without SQL. */
import {
  duplicate,
  failed,
  invalid,
  NO_PARTITION,
  nulled,
  type Outcome,
  PARENT_MISSING,
  type RowFault,
  unreadable,
} from "./reference_faults.ts";
import {
  type Case,
  type Fields,
  type FileRow,
  hasCondition,
  type Rules,
  type Shape,
  WITHOUT_EMAIL,
} from "./reference_case.ts";

export interface StoredRow extends Fields<string | null> {
  readonly changed_at: string | null;
  readonly doubled: string | null;
}

/** A row that a trigger has put elsewhere. */
export type TakenRow = Pick<StoredRow, "k" | "email">;

export interface Expected {
  readonly table: readonly StoredRow[];
  readonly taken: readonly TakenRow[];
  readonly outcomes: readonly Outcome[];
  /** A row took a unique value that an update had freed: ingest promises nothing for such files. */
  readonly usesFreedValue: boolean;
}

const NAMES = ["k", "email", "amount", "ref", "parent", "stamp"] as const;
const REFERENCED = ["1", "2"];

export function applyOneByOne(each: Case): Expected {
  const { shape, rules, existing } = each;
  const rows = each.rows.map((row) =>
    hasCondition(each) && !("ragged" in row) && row.amount === WITHOUT_EMAIL
      ? { ...row, email: "" }
      : row
  );
  const table = new ReferenceTable(shape, rules);
  for (const row of existing) table.insertInitial(nulled(shape, row));
  const outcomes: (Outcome | "waits")[] = rows.map((row) => table.apply(row));
  // Rows that refer to a missing row of the table are tried again until nothing changes.
  for (let changed = true; changed;) {
    changed = false;
    for (const [index, row] of rows.entries()) {
      if (outcomes[index] !== "waits") continue;
      outcomes[index] = table.apply(row);
      const outcome = outcomes[index];
      if (outcome !== "waits" && outcome.status !== "failed") changed = true;
    }
  }
  const claimed = new Map<string, Set<string>>();
  for (const row of rows) {
    if ("ragged" in row) continue;
    for (const value of table.uniqueEmails(row)) {
      const keys = claimed.get(value) ?? new Set();
      claimed.set(value, keys.add(table.keyText(row.k)));
    }
  }
  return {
    table: table.rows,
    taken: table.taken,
    outcomes: outcomes.map((outcome) => outcome === "waits" ? table.missingParent() : outcome),
    usesFreedValue: table.freed.some(({ value, key }) =>
      [...claimed.get(value) ?? []].some((other) => other !== key)
    ),
  };
}

class ReferenceTable {
  rows: StoredRow[] = [];
  readonly taken: TakenRow[] = [];
  readonly freed: { readonly value: string; readonly key: string }[] = [];
  readonly #shape: Shape;
  readonly #rules: Rules;

  constructor(shape: Shape, rules: Rules) {
    this.#shape = shape;
    this.#rules = rules;
  }

  /** Leaves out rows that the table would refuse. */
  insertInitial(fields: Fields<string | null>): void {
    if (this.#shape.keyIndex === "primary" && fields.k === null) return;
    const row = this.#completed({ ...fields, changed_at: fields.stamp, doubled: null });
    if (row !== null && this.#violations(row, null).length === 0) this.rows.push(row);
  }

  apply(row: FileRow): Outcome | "waits" {
    if ("ragged" in row) {
      return failed(...unreadable(row.ragged));
    }
    const faults = invalid(this.#shape, this.#rules, row);
    if (faults.length > 0) return { status: "failed", all: faults };
    const values = nulled(this.#shape, row);
    const { hasKey, onDuplicate, onMissing } = this.#rules;
    const same = hasKey ? this.rows.filter((each) => this.#sameKey(each.k, values.k)) : [];
    if (same.length === 0) {
      if (onMissing === "skip") return { status: "skipped" };
      if (onMissing === "fail") return failed({ code: "lookup", message: "No t row has this k." });
      return this.#insert(values);
    }
    switch (onDuplicate) {
      case "skip":
        return { status: "skipped" };
      case "fail": {
        // Postgres may refuse the row before it checks the key.
        const fresh = this.#completed({ ...this.#written(values), doubled: null });
        const more = fresh === null ? [] : this.#violations(fresh, null).map(({ fault }) => fault);
        return failed(duplicate("k"), ...more);
      }
      default:
        return this.#update(same, values);
    }
  }

  missingParent(): Outcome {
    return failed(PARENT_MISSING);
  }

  /** The values that a row of the file adds to the index on email. */
  uniqueEmails(row: Fields<string>): readonly string[] {
    const text = row.email.trim();
    const stored = this.#shape.trigger === "lower" ? text.toLowerCase() : text;
    const value = this.#emailKey(stored === "" ? null : stored);
    return value === null ? [] : [value];
  }

  keyText(k: string): string {
    return this.#shape.key === "text" ? k.trim() : String(Number(k));
  }

  #insert(values: Fields<string | null>): Outcome | "waits" {
    const row = this.#completed({ ...this.#written(values), doubled: null });
    // Postgres looks for the row's partition before its triggers.
    if (this.#shape.partitioned && (values.k === "6" || values.k === null)) {
      const more = row === null ? [] : this.#violations(row, null).map(({ fault }) => fault);
      return failed(NO_PARTITION, ...more);
    }
    if (row === null) {
      this.taken.push({ k: values.k, email: values.email });
      return { status: "skipped" };
    }
    const violations = this.#violations(row, null);
    if (violations.length > 0) return this.#refused(violations);
    this.rows.push(row);
    return { status: "created" };
  }

  #update(same: readonly StoredRow[], values: Fields<string | null>): Outcome | "waits" {
    const { onDuplicate, compare } = this.#rules;
    const before = this.rows;
    const freed: { value: string; key: string }[] = [];
    const violations: Violation[] = [];
    const taken: TakenRow[] = [];
    let updated = false;
    for (const old of same) {
      const fresh = this.#written(values);
      const stamp = this.#mapsStamp ? fresh.stamp : old.stamp;
      const written = { ...old, ...fresh, k: old.k, stamp, changed_at: old.changed_at };
      if (NAMES.every((name) => written[name] === old[name])) continue;
      if (onDuplicate === "update_if_newer") {
        const stored = compare === "mapped" ? old.stamp : old.changed_at;
        const newer = values.stamp !== null &&
          (stored === null || Number(values.stamp) > Number(stored));
        if (!newer) continue;
      }
      const row = this.#completed(written);
      if (row === null) {
        taken.push({ k: written.k, email: written.email });
        continue;
      }
      violations.push(...this.#violations(row, old));
      const oldEmail = this.#indexedEmail(old);
      if (oldEmail !== null && oldEmail !== this.#indexedEmail(row)) {
        freed.push({ value: oldEmail, key: this.keyText(old.k ?? "") });
      }
      this.rows = this.rows.map((each) => each === old ? row : each);
      updated = true;
    }
    if (violations.length > 0) {
      this.rows = before;
      return this.#refused(violations);
    }
    this.freed.push(...freed);
    this.taken.push(...taken);
    return { status: updated ? "updated" : "skipped" };
  }

  #refused(violations: readonly Violation[]): Outcome | "waits" {
    if (violations.every(({ waits }) => waits)) return "waits";
    return failed(...violations.map(({ fault }) => fault));
  }

  /** The columns that the definition maps; the others are left NULL. */
  #written(values: Fields<string | null>): Omit<StoredRow, "doubled"> {
    return {
      ...values,
      parent: this.#shape.parent ? values.parent : null,
      stamp: this.#mapsStamp ? values.stamp : null,
      changed_at: null,
    };
  }

  /** The row after triggers and generated columns; null if a trigger takes it. */
  #completed(row: StoredRow): StoredRow | null {
    const { trigger, computed } = this.#shape;
    if (trigger === "take" && row.amount === "7") return null;
    return {
      ...row,
      email: trigger === "lower" && row.email !== null ? row.email.toLowerCase() : row.email,
      doubled: computed && row.amount !== null ? String(2 * Number(row.amount)) : null,
    };
  }

  get #mapsStamp(): boolean {
    return this.#rules.onDuplicate !== "update_if_newer" || this.#rules.compare === "mapped";
  }

  #sameKey(a: string | null, b: string | null): boolean {
    if (a === null || b === null) {
      return a === b && this.#shape.keyIndex === "nulls_not_distinct";
    }
    return this.#shape.key === "text" ? a === b : Number(a) === Number(b);
  }

  /** The index on email's entry for a value, or null if the index ignores it. */
  #emailKey(email: string | null): string | null {
    switch (this.#shape.emailIndex) {
      case "none":
        return null;
      case "lower":
        return email?.toLowerCase() ?? null;
      case "nulls_not_distinct":
        return email ?? "(null)";
      default:
        return email;
    }
  }

  #indexedEmail(row: StoredRow): string | null {
    const left = this.#shape.emailIndex === "partial" && !(Number(row.amount ?? 0) > 1);
    return left ? null : this.#emailKey(row.email);
  }

  #violations(row: StoredRow, replaced: StoredRow | null): readonly Violation[] {
    const shape = this.#shape;
    const others = this.rows.filter((each) => each !== replaced);
    const found: Violation[] = [];
    const add = (code: string, message: string, waits = false) =>
      found.push({ fault: { code, message }, waits });
    if (shape.keyIndex === "primary" && row.k === null) {
      add("not_null", "The k field is required.");
    }
    if (row.amount === "13") add("check", "The t table refuses this row: amount_is_lucky.");
    if (shape.rowSecurity && row.amount === "66") {
      add(
        "database",
        'The t table refuses this row: new row violates row-level security policy for table "t".',
      );
    }
    const keyed = shape.keyIndex !== "none";
    if (keyed && others.some((each) => this.#sameKey(each.k, row.k))) {
      found.push({ fault: duplicate("k"), waits: false });
    }
    const email = this.#indexedEmail(row);
    if (email !== null && others.some((each) => this.#indexedEmail(each) === email)) {
      const name = shape.emailIndex === "lower" ? "t_email" : "email";
      found.push({ fault: duplicate(name), waits: false });
    }
    if (shape.reference !== "none" && row.ref !== null && !REFERENCED.includes(row.ref)) {
      add("foreign_key", "The ref field refers to a row that is not in refs.");
    }
    const parents = [row, ...others];
    if (shape.parent && row.parent !== null && !parents.some((each) => each.k === row.parent)) {
      found.push({ fault: PARENT_MISSING, waits: true });
    }
    if (shape.trigger === "raise" && row.amount === "8") {
      add("database", "The t table refuses this row: No eights here.");
    }
    return found;
  }
}

interface Violation {
  readonly fault: RowFault;
  /** The row may become good once other rows have arrived. */
  readonly waits: boolean;
}
