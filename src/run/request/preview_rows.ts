/** A file's first rows as they would be loaded, and what seems to be wrong with them. */
import type { Definition } from "../../importer/definition.ts";
import type { Suggestion } from "../../report/error_schema.ts";
import { CopyWriter } from "../../row/copy_writer.ts";
import type { RowError } from "../../row/outcome.ts";
import type { CompiledPipeline } from "../../row/compile.ts";
import { displayText } from "../../source/display_text.ts";
import { CONTROL_LETTERS } from "../../source/control_letters.ts";
import { inWordsOf, recordFormat } from "../../source/format.ts";
import type { ResolvedSource } from "../../source/resolved_source.ts";
import { readUpTo } from "../../source/file/range.ts";
import type { RecordCursor, RecordReader } from "../../source/record.ts";
import type { Fitted } from "../fit.ts";
import type { PreviewLookups } from "./preview_lookups.ts";
import { type RefusedValue, suggestForValues } from "./suggest_notations.ts";
import { suggestReading } from "./suggest_reading.ts";

export interface PreviewRow {
  readonly row: number;
  readonly line: number;
  /** As the file has them, in the order of its header. Empty if the row can't be read. */
  readonly cells: readonly string[];
  /**
   * In the order of the mapping, as COPY gets them. Null is NULL; undefined: a column of a table that
   * doesn't take the row. Empty if the row can't be read.
   */
  readonly values: readonly (string | null | undefined)[];
  readonly errors: readonly RowError[];
}

/** What rows fail for. */
export interface Mistake {
  /** Of the table. Null: it is about the row as a whole. */
  readonly column: string | null;
  readonly code: RowError["code"];
  readonly message: string;
  /** How many of the rows that were looked at. */
  readonly rows: number;
  /** The first of them, and its value. */
  readonly row: number;
  readonly line: number;
  readonly value: string | null;
  /** What may help with this value. */
  readonly hint?: string;
}

export interface LookedAt {
  readonly first: readonly PreviewRow[];
  /** The first ones that would fail. */
  readonly failed: readonly PreviewRow[];
  /** All rows that were looked at, without their cells. */
  readonly all: readonly ReadRow[];
  /** How many of them would fail before Postgres sees them. */
  readonly failing: number;
  /** What most of them fail for. */
  readonly mistakes: readonly Mistake[];
  /** What looks like a mistake in how the file is read. */
  readonly advice: readonly string[];
}

export const LOOKED_AT_ROWS = 1000;
const SHOWN_FAILED = 10;
const LOOKED_AT_BYTES = 4 * 1024 * 1024;
const NAMED_MISTAKES = 5;

/**
 * `fitted`: null if the rows can only be shown as the file has them. `askLookups`: which of the
 * records' values other tables have.
 */
export async function firstRows(
  source: ResolvedSource,
  definition: Definition,
  fitted: ShownRoutes | null,
  { shown, isBeginning, askLookups }: {
    readonly shown: number;
    readonly isBeginning: boolean;
    readonly askLookups: (records: RecordReader) => Promise<PreviewLookups | null>;
  },
): Promise<LookedAt> {
  const { path, format, header, data_start, data_line, size, data_end = size } = source;
  const end = Math.min(data_end, data_start + LOOKED_AT_BYTES);
  const bytes = await readUpTo(path, data_start, end);
  const records = recordFormat(format, header);
  const boundaries = records.boundaries();
  boundaries.advance(bytes, 0, LOOKED_AT_ROWS, bytes.length, !isBeginning && end === data_end);
  const at = { offset: data_start, line: data_line, row: 1 };
  const whole = bytes.subarray(0, boundaries.end);
  const lookups = await askLookups(records.reader(whole, at));
  const record = records.reader(whole, at);
  const first: PreviewRow[] = [];
  const failed: PreviewRow[] = [];
  const all: ReadRow[] = [];
  const unreadable: Uint8Array[] = [];
  while (record.next()) {
    const row = readRow(record, fitted, lookups);
    if (record.defect !== null) unreadable.push(bytes.subarray(record.start, record.end));
    const isShown = first.length < shown;
    const isFailed = row.errors.length > 0 && failed.length < SHOWN_FAILED;
    if (isShown || isFailed) {
      const withCells = { ...row, cells: cellsOf(record) };
      if (isShown) first.push(withCells);
      if (isFailed) failed.push(withCells);
    }
    all.push(row);
  }
  const errors = all.map((row) => row.errors);
  const failing = errors.filter((found) => found.length > 0).length;
  const reading = suggestReading(unreadable, source, definition.source);
  const advice = [
    ...isBeginning && all.length === 0 && bytes.length > 0 ? [ENDLESS_ROW] : [],
    ...looksLikeUnits(errors) ? [describeUnits(first[0].line)] : [],
    ...reading === null ? [] : [
      (unreadable.length === 1
        ? "The row that can't be read would fit "
        : `${count(reading.fits)} of the ${count(unreadable.length)} rows that can't be read ` +
          "would fit ") +
      `${reading.definition} in the definition.`,
    ],
    ...suggestForValues(definition, errors.flatMap(refusedValues)).map(describeSuggestion),
    ...lookups?.notes ?? [],
  ];
  const told = inWordsOf(source.format, advice);
  return { first, failed, all, failing, mistakes: mistakesIn(all), advice: told };
}

const ENDLESS_ROW = "The first row doesn't end in the first megabyte of the file. " +
  "If a quote is opened in it that is never closed, correct that, or say that the file has no quotes.";

function refusedValues(errors: readonly RowError[]): RefusedValue[] {
  return errors.flatMap(({ code, column, message, value }) =>
    code === "type" && column !== null && value !== null ? [{ column, message, value }] : []
  );
}

function count(rows: number): string {
  return rows.toLocaleString("en-US");
}

function describeSuggestion({ column, definition, otherwise, fits, of }: Suggestion): string {
  const values = of === 1
    ? "The refused value"
    : `${fits === of ? "All" : `${count(fits)} of the`} ${count(of)} refused values`;
  const or = otherwise === null ? "" : `, or as well ${otherwise}`;
  return `${values} of ${column} would fit ${definition}${or} in the definition.`;
}

export type ReadRow = Omit<PreviewRow, "cells">;

type ShownRoutes = Pick<Fitted, "pipeline" | "routes">;

function readRow(
  record: RecordCursor,
  fitted: ShownRoutes | null,
  lookups: PreviewLookups | null,
): ReadRow {
  const { row, line, defect } = record;
  if (defect !== null) {
    const { value = null } = defect;
    return { row, line, values: [], errors: [{ ...defect, column: null, value }] };
  }
  if (fitted === null) return { row, line, values: [], errors: [] };
  const errors: RowError[] = [];
  const { routes, pipeline } = fitted;
  if (routes === null) {
    return { row, line, values: valuesOf(record, pipeline, lookups, errors), errors };
  }
  const own = routes.choice.of(record, errors);
  const values = routes.all.flatMap(({ pipeline }, index): ReadRow["values"] =>
    index === own
      ? valuesOf(record, pipeline, lookups, errors)
      : pipeline.programs.map(() => undefined)
  );
  return { row, line, values, errors };
}

/** What belongs to rows is only checked: it fills no column of the table. */
function valuesOf(
  record: RecordCursor,
  { programs, related }: CompiledPipeline,
  lookups: PreviewLookups | null,
  errors: RowError[],
): readonly (string | null)[] {
  const out = new CopyWriter(1024);
  const values = programs.map((program) => {
    const before = errors.length;
    out.truncate(0);
    program.write(record, out, errors);
    if (program.lookup !== undefined && errors.length === before) {
      errors.push(...lookups?.errors(program.lookup, record) ?? []);
    }
    return errors.length > before ? errors[before].value : copiedText(out.view());
  });
  for (const { program } of related) {
    out.truncate(0);
    program.write(record, out, errors);
  }
  return values;
}

function cellsOf(record: RecordCursor): readonly string[] {
  if (record.defect !== null) return [];
  return Array.from({ length: record.fieldCount }, (_, field) => displayText(record.text(field)));
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What Postgres reads from a value in COPY's text format. */
function copiedText(bytes: Uint8Array): string | null {
  const text = decoder.decode(bytes);
  return text === "\\N"
    ? null
    : text.replace(/\\(.)/gsu, (_, one: string) => CONTROL_LETTERS[one] ?? one);
}

function mistakesIn(rows: readonly ReadRow[]): readonly Mistake[] {
  const found = new Map<string, Mistake>();
  for (const { row, line, errors } of rows) {
    for (const { column, code, message, value, hint } of errors) {
      const kind = `${column}\n${message}`;
      const told = { column, code, message, rows: 0, row, line, value };
      const known = found.get(kind) ?? { ...told, ...hint !== undefined && { hint } };
      found.set(kind, { ...known, rows: known.rows + 1 });
    }
  }
  return [...found.values()].sort((a, b) => b.rows - a.rows).slice(0, NAMED_MISTAKES);
}

function describeUnits(line: number): string {
  return `Line ${line} is no row like the others. If it holds units or descriptions, ` +
    "leave it out with skip_after_header: 1.";
}

/** Does only the first row fail, in columns that are good in all others? */
function looksLikeUnits([first = [], ...others]: readonly (readonly RowError[])[]): boolean {
  const columns = new Set(first.map(({ column }) => column));
  return first.length > 0 && others.length > 1 && !columns.has(null) &&
    others.every((errors) => !errors.some(({ column }) => columns.has(column)));
}
