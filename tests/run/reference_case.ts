/** Random small imports: a table, its rows, a definition, a file, and a schedule. */
import fc from "fast-check";
import type { OnDuplicate, OnMissing } from "../../src/importer/definition.ts";
import {
  type Absent,
  anyOtherValues,
  type Kill,
  type OtherTables,
  type OtherValues,
} from "./reference_others.ts";

/** The target table's properties. Its columns are always the same (`reference_table.ts`). */
export interface Shape {
  readonly key: "int" | "numeric" | "text";
  readonly keyIndex: "primary" | "unique" | "nulls_not_distinct" | "none";
  readonly emailIndex:
    | "unique"
    | "deferred"
    | "partial"
    | "nulls_not_distinct"
    | "lower"
    | "none";
  readonly reference: "none" | "immediate" | "deferred";
  readonly parent: boolean;
  /** A trigger before the row puts it elsewhere or changes it; one after it raises an error. */
  readonly trigger: "none" | "take" | "lower" | "raise";
  /** `id` is an identity column, `doubled` is generated from `amount`. */
  readonly computed: boolean;
  readonly partitioned: boolean;
  readonly rowSecurity: boolean;
}

/** A value's text as in the file; null where a stored row has NULL. */
export interface Fields<Value> {
  readonly k: Value;
  readonly email: Value;
  readonly amount: Value;
  readonly ref: Value;
  readonly parent: Value;
  readonly stamp: Value;
}

export type Values = Fields<string> & OtherValues;
export type FileRow = Values | { readonly ragged: string };

/** A row of the table from before. It may have been marked as one that a file didn't have. */
export type ExistingRow = Fields<string> & { readonly gone: "true" | "false" };

export interface Rules {
  readonly hasKey: boolean;
  readonly onDuplicate: OnDuplicate;
  readonly onMissing: OnMissing;
  /** extra: compared with a column that the import doesn't fill. */
  readonly compare: "mapped" | "extra";
}

/**
 * `run`: all rows are loaded by one transaction, or none. `aside`: the same, but failed rows are set
 * aside. `atomic`: a row that fails takes the other rows of its batch with it.
 */
export type Transaction = "batch" | "atomic" | "run" | "aside";

export interface Case {
  readonly shape: Shape;
  readonly rules: Rules;
  readonly existing: readonly ExistingRow[];
  readonly rows: readonly FileRow[];
  readonly batchRows: number;
  readonly workers: number;
  readonly stepBytes: number;
  /** The seed that decides which of the claimable batches is claimed each time. */
  readonly schedule: number;
  /** What is remembered for an undo. */
  readonly undo: "updates" | "inserts";
  readonly transaction: Transaction;
  readonly others: OtherTables;
  readonly absent: Absent | null;
  /** When the workers lose their connections. */
  readonly kills: readonly Kill[];
}

/** An amount for which the e-mail isn't filled, in a case with a condition. */
export const WITHOUT_EMAIL = "2";

/** Is the e-mail only filled in some rows (`when`)? In a fourth of all cases. */
export function hasCondition({ schedule }: Case): boolean {
  return schedule % 4 === 1;
}

const shape: fc.Arbitrary<Shape> = fc.record({
  key: fc.constantFrom("int", "int", "numeric", "text"),
  keyIndex: fc.constantFrom("primary", "primary", "unique", "nulls_not_distinct", "none"),
  emailIndex: fc.constantFrom(
    "unique",
    "unique",
    "deferred",
    "partial",
    "nulls_not_distinct",
    "lower",
    "none",
  ),
  reference: fc.constantFrom("none", "immediate", "deferred"),
  parent: fc.boolean(),
  trigger: fc.constantFrom("none", "none", "take", "lower", "raise"),
  computed: fc.boolean(),
  partitioned: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
  rowSecurity: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
}).map((each) => {
  // A unique index of a partitioned table must contain the partition key.
  if (each.partitioned) {
    return { ...each, key: "int", keyIndex: "primary", emailIndex: "none" } as const;
  }
  const canRefer = each.key === "int" &&
    (each.keyIndex === "primary" || each.keyIndex === "unique");
  return { ...each, parent: each.parent && canRefer };
});

const KEYS = {
  int: ["1", "2", "3", "4", "5", "6", "02", "03", "+4"],
  numeric: ["1", "1.0", "01", "2", "2.00", "0.3e1", "3", "4", "5"],
  text: ["a", " a ", "A", "b", "B", "c", "c\\n", "d", "e"],
};
const EXISTING_KEYS = { int: ["1", "2", "3", "8"], numeric: ["1", "2.0", "7"], text: ["a", "b"] };
const NOT_A_NUMBER = ["x", "1;2"];

function fileRow(key: Shape["key"]): fc.Arbitrary<FileRow> {
  const k = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...KEYS[key]) },
    { weight: 8, arbitrary: fc.integer({ min: 10, max: 50 }).map(String) },
    { weight: 1, arbitrary: fc.constant("") },
    { weight: 1, arbitrary: fc.constantFrom(...NOT_A_NUMBER) },
  );
  const fields: fc.Arbitrary<Fields<string>> = fc.record({
    k,
    email: fc.oneof(
      fc.constantFrom("x1", "x2", "x3", "x4", " x1 ", "X1", "X2"),
      fc.nat({ max: 40 }).map((n) => `y${n}`),
      fc.constant(""),
    ),
    // The triggers act on 7 and 8, the CHECK on 13, the policy on 66.
    amount: fc.constantFrom("", "0", "1", "1", "2", "2", "3", "7", "8", "13", "66", "many"),
    ref: fc.constantFrom("", "", "1", "1", "2", "9"),
    parent: fc.constantFrom("", "", "", "1", "2", "3", "4", "99"),
    stamp: fc.constantFrom("", "10", "20", "30"),
  });
  const ragged = fc.constantFrom("1,x1", "1,x1,1,1,1,1,1,1,1,1", '1,"x1');
  return fc.oneof(
    {
      weight: 20,
      arbitrary: fc.tuple(fields, anyOtherValues)
        .map(([own, others]) => ({ ...own, ...others })),
    },
    { weight: 1, arbitrary: ragged.map((text) => ({ ragged: text })) },
  );
}

/** Some rows occur twice, letter for letter. */
function fileRows(key: Shape["key"]): fc.Arbitrary<readonly FileRow[]> {
  const copyOf = fc.oneof(
    { weight: 7, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.nat() },
  );
  const place = fc.record({ row: fileRow(key), copyOf });
  return fc.array(place, { maxLength: 60, size: "+1" }).map((places) =>
    acyclic(
      places.map(({ row, copyOf }) => copyOf === null ? row : places[copyOf % places.length].row),
    ).filter((row) => !isEmpty(row))
  );
}

/** `skip_empty_rows`: it is not a row, and has no outcome. */
function isEmpty(row: FileRow): boolean {
  return !("ragged" in row) && Object.values(row).every((value) => value === "" || value === null);
}

function existingRow(key: Shape["key"]): fc.Arbitrary<ExistingRow> {
  return fc.record({
    k: fc.constantFrom(...EXISTING_KEYS[key]),
    email: fc.constantFrom("", "x1", "x2", "z1", "z2"),
    amount: fc.constantFrom("", "1", "2"),
    ref: fc.constantFrom("", "1"),
    parent: fc.constant(""),
    stamp: fc.constantFrom("", "10", "20"),
    gone: fc.constantFrom("false", "false", "true"),
  });
}

/** Into one table, batch by batch, undisturbed. `reference_combined.ts` makes more of it. */
export const anyCase: fc.Arbitrary<Case> = shape.chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    rules: fc.record<Rules>({
      hasKey: fc.integer({ min: 0, max: 4 }).map((n) => n > 0),
      onDuplicate: fc.constantFrom("skip", "update", "update_if_newer", "fail"),
      onMissing: fc.constantFrom("insert", "insert", "insert", "skip", "fail"),
      compare: fc.constantFrom("mapped", "extra"),
    }).map((rules) =>
      rules.hasKey ? rules : { ...rules, onDuplicate: "fail", onMissing: "insert" }
    ),
    existing: fc.array(existingRow(shape.key), { maxLength: 5 }),
    rows: fileRows(shape.key),
    batchRows: fc.integer({ min: 1, max: 7 }),
    workers: fc.integer({ min: 1, max: 4 }),
    stepBytes: fc.constantFrom(30, 200, 100_000),
    schedule: fc.nat(),
    undo: fc.constantFrom("updates", "inserts"),
    transaction: fc.constant("batch"),
    others: fc.constant({ city: false, tag: false, labels: null, items: null }),
    absent: fc.constant(null),
    kills: fc.constant([]),
  })
);

/**
 * Rows refer only to smaller keys or to themselves, and only the last row with a key refers to
 * anything. Two cases have no defined result: a row that waits for another while a later row has
 * its key, and rows that refer to each other in a circle.
 */
function acyclic(rows: readonly FileRow[]): readonly FileRow[] {
  const later = new Set<string>();
  return rows.toReversed().map((row) => {
    if ("ragged" in row) return row;
    const names = [`k ${Number(row.k)}`, `email ${row.email.trim().toLowerCase()}`];
    const isLast = !names.some((name) => later.has(name));
    for (const name of names) later.add(name);
    const smaller = Number(row.parent) <= Number(row.k) || row.parent === "99";
    return isLast && smaller ? row : { ...row, parent: "" };
  }).toReversed();
}
