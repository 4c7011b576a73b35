/** Random imports with retries, and what disturbs them and their undo. */
import fc from "fast-check";

/** What somebody does to the table in the meantime. */
export interface Act {
  readonly do: "change" | "delete" | "insert" | "move" | "refer";
  /** Of the row. */
  readonly id: number;
  /** In a transaction that is open for a while, and is perhaps rolled back. */
  readonly how: "at once" | "held" | "rolled back";
  readonly when: Instant;
}

/** So many batches are done, and so many messages went to the server and back after that. */
export interface Instant {
  readonly batches: number;
  readonly messages: number;
}

export interface Blow {
  /** All connections of the workers are ended, or the run is cancelled and then resumed. */
  readonly by: "ended connections" | "cancel";
  readonly when: Instant;
}

/** What makes failed rows good: the table allows them, or the file is corrected. */
export type Retry = "allowed" | "corrected";

export interface DisturbedCase {
  readonly partitioned: boolean;
  /** What happens to rows of another table that refer to a row that is deleted. */
  readonly onDelete: "no action" | "restrict" | "cascade" | "set null";
  readonly onDuplicate: "update" | "skip" | "fail";
  readonly undo: "updates" | "inserts";
  /** Of the rows before the import. */
  readonly existing: readonly number[];
  readonly file: readonly FileRow[];
  readonly retries: readonly Retry[];
  readonly batchRows: number;
  readonly workers: number;
  /** After the import and after each of its retries. */
  readonly between: readonly (readonly Act[])[];
  readonly during: readonly Act[];
  /** During the import, its retries, and the undo. */
  readonly blows: readonly (readonly Blow[])[];
}

export interface FileRow {
  readonly id: number;
  readonly v: string;
  readonly n: string;
}

/** The table refuses it until it is allowed. */
const REFUSED = "100";
/** It is no number, until the file is corrected. */
export const UNREADABLE = "many";
const LARGEST_ID = 60;

const id = fc.integer({ min: 1, max: LARGEST_ID });
const instant = fc.record({ batches: fc.nat({ max: 4 }), messages: fc.nat({ max: 25 }) });

const act: fc.Arbitrary<Act> = fc.record({
  do: fc.constantFrom("change", "change", "delete", "insert", "move", "refer"),
  // Mostly rows that the import may write to, and sometimes others.
  id: fc.oneof({ weight: 6, arbitrary: id }, { weight: 1, arbitrary: fc.nat({ max: 300 }) }),
  how: fc.constantFrom("at once", "at once", "held", "rolled back"),
  when: instant,
});

const blow: fc.Arbitrary<Blow> = fc.record({
  by: fc.constantFrom("ended connections", "ended connections", "cancel"),
  when: instant,
});

const fileRow: fc.Arbitrary<FileRow> = fc.record({
  id,
  v: fc.constantFrom("a", "b", "c", "d"),
  n: fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom("1", "2", "3") },
    { weight: 1, arbitrary: fc.constant(REFUSED) },
    { weight: 1, arbitrary: fc.constant(UNREADABLE) },
  ),
});

const blows = fc.oneof(
  { weight: 1, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(blow, { maxLength: 3 }) },
);

export const disturbedCase: fc.Arbitrary<DisturbedCase> = fc.record({
  partitioned: fc.boolean(),
  onDelete: fc.constantFrom("no action", "restrict", "cascade", "set null"),
  onDuplicate: fc.constantFrom("update", "update", "update", "skip", "fail"),
  undo: fc.constantFrom("updates", "updates", "inserts"),
  existing: fc.uniqueArray(id, { minLength: 10, maxLength: 40, size: "+1" }),
  file: fc.array(fileRow, { minLength: 20, maxLength: 80, size: "+2" }),
  retries: fc.constantFrom<readonly Retry[]>(
    [],
    ["allowed"],
    ["corrected"],
    ["allowed", "corrected"],
    ["corrected", "allowed"],
  ),
  batchRows: fc.integer({ min: 3, max: 20 }),
  workers: fc.constantFrom(1, 1, 1, 1, 1, 1, 1, 3),
  between: fc.array(fc.array(act, { minLength: 1, maxLength: 6 }), { minLength: 3, maxLength: 3 }),
  during: fc.array(act, { maxLength: 10, size: "+1" }),
  blows: fc.array(blows, { minLength: 4, maxLength: 4 }),
});
