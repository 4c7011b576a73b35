/** What comes out of a verification. */
import type { RunStatus } from "../../ledger/runs/statuses.ts";
import type { Compared } from "./compared.ts";
import type { Part } from "./read_rows.ts";
import type { RefusedRow } from "./rows_by_table.ts";

/** Every row that the run has tried is one of these. */
export interface VerifiedCounts {
  /** In the table as the file says. */
  as_written: number;
  /** Failed, and no retry has loaded them. */
  set_aside: number;
  /** Left out on purpose: the table had a row with this key, or a newer one, or a trigger took it. */
  skipped: number;
  /** A later row of the file, or of a retry, has the same key. */
  replaced: number;
  /** The table has other values. */
  changed: number;
  /** The table has no row with this key. */
  gone: number;
  /** Without a key: no row of the table has these values. */
  not_found: number;
  /** The file is no longer as it was, or the log, so nobody knows what was in these rows. */
  unreadable: number;
}

export interface VerifiedValue {
  readonly column: string;
  /** Null is NULL. */
  readonly file: string | null;
  readonly table: string | null;
}

/** A row that is not in the table as the file says. */
export interface DifferingRow {
  /** The table that it went into; left out if the run has only one. */
  readonly table?: string;
  /** The run that has loaded it: the verified one, or a retry of it. */
  readonly run: number;
  readonly row_number: number;
  readonly line: number;
  /** Where in the row it is, of a row of another table that belongs to it: `items 2`. */
  readonly place?: string;
  /** `added`: a link that the row's list doesn't have, although the list replaces all links. */
  readonly result: "changed" | "gone" | "not_found" | "added";
  /** The values by which it is found. */
  readonly key: Readonly<Record<string, string | null>>;
  /** Those that differ; of a row that isn't there, those of the file. */
  readonly values: readonly VerifiedValue[];
  /** Why the file's row could not even be compared; else null. */
  readonly message: string | null;
}

/** Of the rows that went into one of several tables. Others were set aside, or can't be read. */
export interface VerifiedTable {
  readonly table: string;
  readonly rows: Readonly<Omit<VerifiedCounts, "set_aside" | "unreadable">> & {
    /** Of links: those that should not be there. */
    readonly added?: number;
  };
  readonly differs: boolean;
  readonly found_by: readonly string[];
  readonly not_compared: readonly string[];
}

export interface Verification {
  readonly run: number;
  readonly status: RunStatus;
  readonly importer: string;
  readonly table: string;
  readonly file: string | null;
  /** The rows of the file; not what belongs to them in other tables. */
  readonly rows: Readonly<VerifiedCounts>;
  /** If rows went into several tables, links and children included: by table. */
  readonly tables?: readonly VerifiedTable[];
  /** Rows of the file that the run has not tried; null if nobody has counted them. */
  readonly not_loaded: number | null;
  /** Something is not as it was written. */
  readonly differs: boolean;
  /**
   * The columns by which rows are found in the table; none: they are counted by all their values. Of
   * several tables, they are named with their table.
   */
  readonly found_by: readonly string[];
  /** The first rows that differ. */
  readonly samples: readonly DifferingRow[];
  /** Columns of the table that were not compared. */
  readonly not_compared: readonly string[];
  /** What else to know: one sentence each. */
  readonly remarks: readonly string[];
}

export const MAX_SAMPLES = 100;

export const NOTHING: Readonly<VerifiedCounts> = {
  as_written: 0,
  set_aside: 0,
  skipped: 0,
  replaced: 0,
  changed: 0,
  gone: 0,
  not_found: 0,
  unreadable: 0,
};

/** Counts while batches are compared. */
export class Tally {
  readonly counts: VerifiedCounts = { ...NOTHING };
  /** By the tables' numbers. */
  readonly #ofTables = new Map<number, VerifiedCounts>();
  readonly samples: DifferingRow[] = [];
  /** Where batches begin whose bytes in the file have changed since: physical lines. */
  readonly changedLines: number[] = [];
  /** Rows that failed, but whose numbers are not logged. */
  unlogged = 0;
  /** Rows that retries have loaded, but whose bytes are no longer in the log. */
  pruned = 0;
  /** Rows that differ, of which it is assumed that they were skipped. */
  guessedSkipped = 0;

  /** `compared`: in whose table the rows are. */
  add(counts: Partial<VerifiedCounts>, compared?: Compared): void {
    addTo(this.counts, counts);
    if (compared !== undefined) addTo(this.of(compared), counts);
  }

  /** The counts of a table. */
  of({ how: { plan: { table } } }: Compared): VerifiedCounts {
    const own = this.#ofTables.get(table.oid) ?? { ...NOTHING };
    this.#ofTables.set(table.oid, own);
    return own;
  }

  /** Rows that were loaded, and that none of the tables would take now. */
  refused(run: number, rows: readonly RefusedRow[]): void {
    this.add({ changed: rows.length });
    for (const { message, ...place } of rows.slice(0, Math.max(0, this.room))) {
      this.samples.push({ run, ...place, result: "changed", key: {}, values: [], message });
    }
  }

  /** The file has changed where these rows were. */
  unreadable({ rows, batch }: Pick<Part, "rows" | "batch">): void {
    this.add({ unreadable: rows });
    this.changedLines.push(batch.first_line);
  }

  /** So many rows that a retry has loaded are no longer in the log. */
  missLogged(rows: number): void {
    const missing = Math.max(0, rows);
    this.add({ unreadable: missing });
    this.pruned += missing;
  }

  /** How many more samples are wanted. */
  get room(): number {
    return MAX_SAMPLES - this.samples.length;
  }
}

function addTo(all: VerifiedCounts, counts: Partial<VerifiedCounts>): void {
  for (const name of Object.keys(all) as (keyof VerifiedCounts)[]) all[name] += counts[name] ?? 0;
}

export function anyDiffers({ changed, gone, not_found, unreadable }: VerifiedCounts): boolean {
  return changed + gone + not_found + unreadable > 0;
}
