/** A table in memory that applies one row after the other, without SQL. */
import {
  duplicate,
  failed,
  NO_PARTITION,
  type Outcome,
  PARENT_MISSING,
  type RowFault,
} from "./reference_faults.ts";
import type { Fields, Rules, Shape } from "./reference_case.ts";
import type { Absent } from "./reference_others.ts";

export interface StoredRow extends Fields<string | null> {
  /** What the look-up has found: a city's code, a tag's name in lower case. */
  readonly city: string | null;
  readonly tag: string | null;
  /** Marked as one that a file didn't have? */
  readonly gone: "true" | "false";
  readonly changed_at: string | null;
  readonly doubled: string | null;
}

/** A row that a trigger has put elsewhere. */
export type TakenRow = Pick<StoredRow, "k" | "email">;

/** What a row of the file writes. */
export type Written = Fields<string | null> & Pick<StoredRow, "city" | "tag">;

/** `linked`: the row is in the table as the file has it, so what belongs to it is written, too. */
export type Applied = (Outcome & { readonly linked?: true }) | "waits";

/** What the table was like. */
export type Saved = Pick<ReferenceTable, "rows" | "taken" | "freed">;

const NAMES = ["k", "email", "amount", "ref", "parent", "stamp", "city", "tag", "gone"] as const;
const REFERENCED = ["1", "2"];

export class ReferenceTable {
  rows: StoredRow[] = [];
  taken: TakenRow[] = [];
  freed: { readonly value: string; readonly key: string }[] = [];
  readonly #shape: Shape;
  readonly #rules: Rules;
  readonly #absent: Absent | null;

  constructor(shape: Shape, rules: Rules, absent: Absent | null) {
    this.#shape = shape;
    this.#rules = rules;
    this.#absent = absent;
  }

  /** Leaves out rows that the table would refuse. */
  insertInitial(fields: Fields<string | null> & Pick<StoredRow, "gone">): void {
    if (this.#shape.keyIndex === "primary" && fields.k === null) return;
    const more = { city: null, tag: null, changed_at: fields.stamp, doubled: null };
    const row = this.#completed({ ...fields, ...more });
    if (row !== null && this.#violations(row, null).length === 0) this.rows.push(row);
  }

  save(): Saved {
    return { rows: [...this.rows], taken: [...this.taken], freed: [...this.freed] };
  }

  restore({ rows, taken, freed }: Saved): void {
    Object.assign(this, { rows, taken, freed });
  }

  /** A row that can be read, and in whose values nothing is wrong. */
  apply(values: Written): Applied {
    const { hasKey, onDuplicate, onMissing } = this.#rules;
    const same = hasKey ? this.rows.filter((each) => this.sameKey(each.k, values.k)) : [];
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
        const fresh = this.#completed(this.#fresh(values));
        const more = fresh === null ? [] : this.#violations(fresh, null).map(({ fault }) => fault);
        return failed(duplicate("k"), ...more);
      }
      default:
        return this.#update(same, values);
    }
  }

  /** Those that may be absent from a file. */
  inScope({ marks, scope }: Absent): readonly StoredRow[] {
    return this.rows.filter(({ k, stamp, gone }) =>
      k !== null && (scope === null || scope.includes(stamp)) && !(marks && gone === "true")
    );
  }

  /** Deletes or marks rows that the file doesn't have. False if others refer to one of them. */
  removeAbsent(absent: readonly StoredRow[], { marks }: Absent): boolean {
    const left = this.rows.filter((row) => !absent.includes(row));
    this.rows = marks
      ? this.rows.map((row) => absent.includes(row) ? { ...row, gone: "true" } : row)
      : left;
    const isMissing = (parent: string | null) =>
      parent !== null && !this.rows.some(({ k }) => k === parent);
    return !this.#shape.parent || !left.some(({ parent }) => isMissing(parent));
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

  #insert(values: Written): Applied {
    const row = this.#completed(this.#fresh(values));
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
    return { status: "created", linked: true };
  }

  #update(same: readonly StoredRow[], values: Written): Applied {
    const { onDuplicate, compare } = this.#rules;
    const before = this.rows;
    const freed: { value: string; key: string }[] = [];
    const violations: Violation[] = [];
    const taken: TakenRow[] = [];
    let updated = false;
    let linked = false;
    for (const old of same) {
      const fresh = this.#fresh(values);
      const written = {
        ...{ ...old, ...fresh, k: old.k, changed_at: old.changed_at },
        stamp: this.#mapsStamp ? fresh.stamp : old.stamp,
        gone: this.#absent?.marks ? fresh.gone : old.gone,
      };
      if (NAMES.every((name) => written[name] === old[name])) {
        linked ||= onDuplicate === "update";
        continue;
      }
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
      updated = linked = true;
    }
    if (violations.length > 0) {
      this.rows = before;
      return this.#refused(violations);
    }
    this.freed.push(...freed);
    this.taken.push(...taken);
    return { status: updated ? "updated" : "skipped", ...linked && { linked } };
  }

  #refused(violations: readonly Violation[]): Applied {
    if (violations.every(({ waits }) => waits)) return "waits";
    return failed(...violations.map(({ fault }) => fault));
  }

  /** The columns that the definition maps; the others have their default. */
  #fresh(values: Written): StoredRow {
    return {
      ...values,
      parent: this.#shape.parent ? values.parent : null,
      stamp: this.#mapsStamp ? values.stamp : null,
      gone: "false",
      changed_at: null,
      doubled: null,
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

  sameKey(a: string | null, b: string | null): boolean {
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
    if (keyed && others.some((each) => this.sameKey(each.k, row.k))) {
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
