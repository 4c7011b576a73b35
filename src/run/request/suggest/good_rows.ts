/** What candidates would do to rows that are right already: the first ones of the run's file. */
import { withEdits } from "../../../importer/document/definition_edit.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import { listFailedAmong } from "../../../ledger/rows/rows.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import { readUpTo } from "../../../source/file/range.ts";
import { fileState } from "../../../source/unchanged.ts";
import { recordFormat } from "../../../source/format.ts";
import type { Candidate } from "./candidate.ts";
import { Trial } from "./trial.ts";

const MAX_ROWS = 10_000, MAX_BYTES = 4 * 1024 * 1024;

export interface GoodRows {
  /** How many rows were right and looked at. */
  readonly looked_at: number;
  /** Of these: those that would get another value, and those that would fail. */
  readonly changed: number;
  readonly failing: number;
  /** One of them. */
  readonly example: {
    readonly row: number;
    readonly before: string | null;
    readonly after: string | null;
  } | null;
}

export interface GoodRow {
  readonly raw: Uint8Array;
  readonly row_number: number;
  readonly line: number;
}

/** Null if the file is not there any more as it was, or on another machine. */
export async function readGoodRows(
  ledger: Ledger,
  root: Run,
  base: Trial,
): Promise<readonly GoodRow[] | null> {
  const rows = await readFirstRows(root, base);
  if (rows === null) return null;
  // The table may have refused what the definition takes.
  const failed = await listFailedAmong(ledger, root.id, rows.map(({ row_number }) => row_number));
  const refused = new Set(failed);
  return rows.filter(({ row_number }) => !refused.has(row_number));
}

async function readFirstRows(root: Run, base: Trial): Promise<readonly GoodRow[] | null> {
  const { path, format, header, data_start, data_line, size, data_end = size } = root.source;
  try {
    if ((await fileState(path))?.size !== size) return null;
    const end = Math.min(data_end, data_start + MAX_BYTES);
    const bytes = await readUpTo(path, data_start, end);
    const records = recordFormat(format, header);
    const boundaries = records.boundaries();
    boundaries.advance(bytes, 0, MAX_ROWS, bytes.length, end === data_end);
    const at = { offset: data_start, line: data_line, row: 1 };
    const record = records.reader(bytes.subarray(0, boundaries.end), at);
    const good: GoodRow[] = [];
    while (record.next()) {
      const row = {
        raw: bytes.slice(record.start, record.end),
        row_number: record.row,
        line: record.line,
      };
      const own = base.read(row);
      if (own !== null && base.passes(own)) good.push(row);
    }
    return good;
  } catch {
    return null;
  }
}

export function tryGoodRows(
  run: Run,
  base: Trial,
  rows: readonly GoodRow[],
  { column, edits, table }: Candidate,
  sourceOf: (column: string) => string,
): GoodRows {
  const none: GoodRows = { looked_at: rows.length, changed: 0, failing: 0, example: null };
  const definition = withEdits(base.definition, edits, sourceOf);
  const trial = Trial.of(run, definition, table?.changed ?? base.table);
  if (trial === null) return none;
  const isOfAll = column === null || edits.some(({ at }) => "source" in at);
  let changed = 0, failing = 0;
  let example: GoodRows["example"] = null;
  for (const row of rows) {
    const [before, after] = [base.read(row), trial.read(row)];
    if (before === null) continue;
    for (const program of base.programs) {
      if (!isOfAll && program.column.name !== column) continue;
      const other = trial.program(program.column.name);
      const was = base.write(program, before);
      const is = other && after && after.defect === null ? trial.write(other, after) : null;
      if (was === null || is?.value === was.value) continue;
      if (is === null) failing++;
      else changed++;
      example ??= { row: row.row_number, before: was.value, after: is?.value ?? null };
      break;
    }
  }
  return { ...none, changed, failing, example };
}
