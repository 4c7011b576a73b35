/** Rows that somebody has edited in a view of failed rows, as the bytes that a retry tries. */
import { Buffer } from "node:buffer";
import {
  countAlsoEdited,
  type EditedRow,
  keepEdited,
  listEdited,
  recordEdited,
} from "../../../ledger/edits/edited_rows.ts";
import { recordChanges } from "../../../ledger/edits/corrections.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import type { Retry } from "../../../ledger/runs/retries.ts";
import type { RecordCursor } from "../../../source/record.ts";
import { lineWord, recordFormat, type SourceFormat } from "../../../source/format.ts";
import type { RecordFormat } from "../../../source/record_format.ts";
import { ChangedCells } from "./changed_cells.ts";
import { fieldBytes, fieldRange } from "../field_bytes.ts";
import { isOneRow } from "../reread_rows.ts";
import { Refused } from "../refuse/refused.ts";

/** How many rows are in memory at a time. */
const PAGE = 1000;
const START = { offset: 0, line: 1, row: 1 };

/**
 * Runs in the transaction that creates the retry, under the chain's lock. `format`: how the retry
 * reads its rows. Returns how many rows are tried as they were edited. Throws Refused.
 */
export async function takeEditedRows(
  ledger: Ledger,
  retry: Retry,
  format: SourceFormat,
  header: readonly string[],
): Promise<number> {
  const records = recordFormat(format, header);
  const changes = new ChangedCells(lineWord(format));
  let taken = 0, changed = 0;
  for (let after = 0;;) {
    const rows = await listEdited(ledger, retry, after, PAGE);
    if (rows.length === 0) break;
    await keepEdited(
      ledger,
      retry,
      rows.map((row) => ({ row_number: row.row_number, raw: editedBytes(records, header, row) })),
    );
    for (const row of rows) if (noteChanges(row, header, changes)) changed++;
    taken += rows.length;
    after = rows[rows.length - 1].row_number;
  }
  if (taken === 0) return 0;
  await recordEdited(ledger, retry, changed);
  await recordChanges(ledger, retry, changes.byColumn);
  return changed;
}

/** What to say if both the file and somebody in the view have changed rows; null if not. */
export async function fileWins(
  ledger: Ledger,
  retry: Retry,
  file: string,
): Promise<string | null> {
  const both = await countAlsoEdited(ledger, retry);
  if (both === 0) return null;
  const rows = both === 1 ? "1 row was" : `${both} rows were`;
  return `${rows} also corrected in ingest: this retry takes them from ${file}.`;
}

/** Is the row other than it was? */
function noteChanges(row: EditedRow, header: readonly string[], changes: ChangedCells): boolean {
  const changed = header.filter((name) => Object.hasOwn(row.cells, name));
  for (const name of changed) {
    const before = Object.hasOwn(row.data, name) ? row.data[name] : "";
    changes.add(name, { line: row.line, before, after: row.cells[name] }, null);
  }
  return changed.length > 0 || row.drops_surplus;
}

/**
 * The row with its new cells; all others keep their bytes, whether they are text or not. Only a row
 * that could not be cut into its fields is written anew from what is shown of it.
 */
export function editedBytes(
  records: RecordFormat,
  header: readonly string[],
  row: EditedRow,
): Uint8Array {
  const { row_number, raw, data, cells, drops_surplus } = row;
  if (Object.keys(cells).length === 0 && !drops_surplus) return raw;
  const replaced = replacedCells(records, header, row);
  if (replaced !== null) return replaced;
  const surplus = drops_surplus ? [] : surplusOf(data, header);
  const shown = header.map((name) => ownValue(cells, name) ?? ownValue(data, name) ?? "");
  const anew = records.encode([...shown, ...surplus]);
  if (anew === null) {
    throw new Refused(
      `Cannot retry row ${row_number} as it was edited: ${records.cannotEncode}`,
    );
  }
  if (records.replace !== undefined) return anew;
  const kept = withKeptCells(records, header, row, anew);
  return kept !== null && isOneRow(records.boundaries(), kept) ? kept : anew;
}

/** Null if the format can't replace some of a record's values. */
function replacedCells(
  records: RecordFormat,
  header: readonly string[],
  { raw, cells }: EditedRow,
): Uint8Array | null {
  const values = new Map<number, string>();
  for (const [field, name] of header.entries()) {
    const value = ownValue(cells, name);
    if (value !== null) values.set(field, value);
  }
  return values.size === 0 ? null : records.replace?.(raw, values) ?? null;
}

/** Null if the row's own bytes don't say where its fields are. */
function withKeptCells(
  records: RecordFormat,
  header: readonly string[],
  { raw, cells, drops_surplus }: EditedRow,
  anew: Uint8Array,
): Uint8Array | null {
  const [before, after] = [read(records, raw), read(records, anew)];
  const isCut = before.defect === null || before.defect.code !== "malformed";
  const fits = before.fieldCount <= header.length || drops_surplus;
  if (!isCut || !fits || after.fieldCount !== header.length) return null;
  const pieces = header.map((name, field) => {
    const isKept = field < before.fieldCount && !Object.hasOwn(cells, name);
    return fieldBytes(isKept ? before : after, field);
  });
  const delimiter = header.length === 1
    ? new Uint8Array(0)
    : after.bytes.subarray(fieldRange(after, 0).end, fieldRange(after, 1).start);
  return Buffer.concat(
    pieces.flatMap((piece, field) => field === 0 ? [piece] : [delimiter, piece]),
  );
}

function ownValue(values: Readonly<Record<string, string>>, name: string): string | null {
  return Object.hasOwn(values, name) ? values[name] : null;
}

/** `column_4`, `column_5` …, in the order of the fields. */
function surplusOf(data: EditedRow["data"], header: readonly string[]): string[] {
  const known = new Set(header);
  return Object.keys(data).filter((name) => !known.has(name))
    .sort((one, other) => one.length - other.length || (one < other ? -1 : 1))
    .map((name) => data[name]);
}

function read(records: RecordFormat, bytes: Uint8Array): RecordCursor {
  const record = records.reader(bytes, START);
  record.next();
  return record;
}
