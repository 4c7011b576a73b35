/** What the failed rows of a run look like to its definition: the values that it refuses, by column. */
import type { Ledger } from "../../../ledger/ledger.ts";
import { type FailedRow, pageFailed } from "../../../ledger/rows/rows.ts";
import { rootOf } from "../../../ledger/runs/retries.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import type { ErrorCode } from "../../../row/outcome.ts";
import type { ColumnProgram } from "../../../row/pipeline.ts";
import type { RecordCursor } from "../../../source/record.ts";
import type { SeenValue } from "./candidate.ts";
import type { Trial } from "./trial.ts";

/** How much is in memory at a time, and how many rows are looked at. */
const PAGE = { rows: 5_000, bytes: 2 * 1024 * 1024 };
export const MAX_ROWS = 200_000;
/** How many different values of a column are kept to think of candidates, and how long they are. */
const MAX_VALUES = 500, MAX_BYTES = 10_000;

/** The failed rows that no retry has fixed, in file order; at most `MAX_ROWS`. */
export async function* failedRows(ledger: Ledger, run: Run): AsyncGenerator<FailedRow> {
  const of = { run: run.id, root: rootOf(run) };
  let after = 0, rows = 0;
  for (;;) {
    const page = await ledger.transaction(async () => {
      await ledger.walkTheIndex();
      return await pageFailed(ledger, of, after, PAGE);
    });
    if (page.length === 0) return;
    for (const row of page) {
      yield row;
      if (++rows === MAX_ROWS) return;
    }
    after = page[page.length - 1].row_number;
  }
}

export interface SeenColumn {
  readonly program: ColumnProgram;
  readonly values: Map<string, SeenValue>;
  readonly codes: Set<ErrorCode>;
  readonly messages: Set<string>;
  longest: number;
  shortest: number;
}

export interface Collected {
  rows: number;
  /** Rows that can't be cut into their fields: the first ones. */
  readonly unreadable: Uint8Array[];
  /** Rows that the definition takes, and the table refuses; by the log's code. */
  readonly refused: Map<string, number>;
  /** By column of the table. */
  readonly columns: Map<string, SeenColumn>;
  /** Values that a foreign key refuses, likewise. */
  readonly foreign: Map<string, SeenColumn>;
}

const MAX_UNREADABLE = 500;

export async function collect(ledger: Ledger, run: Run, base: Trial): Promise<Collected> {
  const found: Collected = {
    rows: 0,
    unreadable: [],
    refused: new Map(),
    columns: new Map(),
    foreign: new Map(),
  };
  for await (const row of failedRows(ledger, run)) {
    found.rows++;
    const record = base.read(row);
    if (record === null || record.defect !== null) {
      if (found.unreadable.length < MAX_UNREADABLE && row.raw.length <= MAX_BYTES) {
        found.unreadable.push(row.raw);
      }
      continue;
    }
    let fails = false;
    for (const program of base.programs) {
      const { errors } = base.judge(program, record);
      if (errors.length === 0) continue;
      fails = true;
      const seen = see(found.columns, program, record, row);
      for (const { code, message } of errors) {
        seen.codes.add(code);
        seen.messages.add(message);
      }
    }
    if (fails) continue;
    const { code, column } = row;
    found.refused.set(code, (found.refused.get(code) ?? 0) + 1);
    const program = code === "foreign_key" && column !== null ? base.program(column) : null;
    if (program !== null) see(found.foreign, program, record, row).codes.add("foreign_key");
  }
  return found;
}

function see(
  columns: Map<string, SeenColumn>,
  program: ColumnProgram,
  record: RecordCursor,
  { raw, row_number, line }: FailedRow,
): SeenColumn {
  const { name } = program.column;
  let seen = columns.get(name);
  if (seen === undefined) {
    seen = {
      program,
      values: new Map(),
      codes: new Set(),
      messages: new Set(),
      longest: 0,
      shortest: Infinity,
    };
    columns.set(name, seen);
  }
  const text = program.fields.map((field) => record.text(field)).join(" ");
  const length = Array.from(text.trim()).length;
  seen.longest = Math.max(seen.longest, length);
  seen.shortest = Math.min(seen.shortest, length);
  const known = seen.values.get(text);
  if (known !== undefined) known.count++;
  else if (seen.values.size < MAX_VALUES && raw.length <= MAX_BYTES) {
    seen.values.set(text, { text, count: 1, raw, row: row_number, line });
  }
  return seen;
}
