/** Loads a few rows into a real table, the way a batch does. */
import type { Session } from "../../src/db/session.ts";
import { introspect } from "../../src/load/catalog/introspect.ts";
import { loadRows } from "../../src/load/load.ts";
import { type LoadHistory, type LoadPlan, newLoadHistory } from "../../src/load/load_plan.ts";
import {
  CREATED,
  type EncodedRows,
  FAILED,
  SKIPPED,
  TAKEN,
  UPDATED,
} from "../../src/load/encoded_rows.ts";
import { WAITING } from "../../src/load/encoded_rows.ts";
import { CopyWriter } from "../../src/row/copy_writer.ts";
import type { RowError } from "../../src/row/outcome.ts";

export type Value = string | null;

export interface Loading {
  readonly table?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
  readonly levels?: readonly number[];
  readonly plan?: Partial<LoadPlan>;
  readonly history?: LoadHistory;
  readonly selfReferencesMayWait?: boolean;
  readonly runHasWritten?: boolean;
}

export interface Loaded {
  /** For each row: `created`, … or the error's code. */
  readonly outcomes: readonly string[];
  readonly errors: ReadonlyMap<number, RowError>;
}

const NAMES = new Map([
  [CREATED, "created"],
  [UPDATED, "updated"],
  [SKIPPED, "skipped"],
  [WAITING, "waiting"],
  [TAKEN, "taken"],
]);

/** A plan that inserts these columns, unless `plan` says otherwise. */
export function planFor(
  table: LoadPlan["table"],
  columns: readonly string[],
  plan: Loading["plan"],
): LoadPlan {
  return {
    table,
    columns,
    onlyCompared: [],
    kept: [],
    keyPredicate: null,
    key: [],
    onDuplicate: "skip",
    onMissing: "insert",
    compare: null,
    keysMayRepeat: false,
    ...plan,
  };
}

/** Loads the rows in a transaction of its own, and commits it. */
export async function load(session: Session, loading: Loading): Promise<Loaded> {
  const table = await introspect(session, loading.table ?? "t", "ingest");
  const plan = planFor(table, loading.columns, loading.plan);
  const loaded = await session.transaction(() =>
    loadRows(
      session,
      plan,
      encode(loading.rows, loading.levels ?? null),
      loading.history ?? newLoadHistory(),
      {
        selfReferencesMayWait: loading.selfReferencesMayWait ?? false,
        runHasWritten: () => Promise.resolve(loading.runHasWritten ?? false),
      },
    )
  );
  const { errors } = loaded;
  return {
    outcomes: Array.from(
      loaded.outcomes,
      (outcome, row) =>
        outcome === FAILED ? errors.get(row)!.code : NAMES.get(outcome) ?? "undecided",
    ),
    errors,
  };
}

export function encode(
  rows: readonly (readonly Value[])[],
  levels: readonly number[] | null,
): EncodedRows {
  const out = new CopyWriter();
  const ends = rows.map((row) => {
    row.forEach((value, index) => {
      if (index > 0) out.separator();
      if (value === null) out.null();
      else out.text(value);
    });
    out.endRow();
    return out.length;
  });
  return {
    count: rows.length,
    format: "text",
    bytes: out.view(),
    ends: Int32Array.from(ends),
    levels: levels === null ? null : Int32Array.from(levels),
    after: new Map(),
  };
}

/** The table's rows as text, sorted. */
export async function contents(session: Session, table = "t"): Promise<readonly string[]> {
  const rows = await session.query<{ row: string }>(
    `select x::text as row from ${table} x order by 1`,
  );
  return rows.map(({ row }) => row);
}
