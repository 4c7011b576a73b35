/** Which cells of a preview are shown: a page has to stay small, however wide the file is. */
import type { PreviewReport } from "../../../report/preview_schema.ts";
import { besideHeading, inPageWords } from "./words.ts";

/** Cells of all rows together. */
const MOST_CELLS = 700;
/** Characters of all cells together, more or less. */
const MOST_TEXT = 10_000;
/** Characters of a cell. */
const LONGEST = { least: 10, most: 60 } as const;

export interface ShownColumn {
  /** Of the table; of the file, if they don't match. */
  readonly name: string;
  /** The file's, if they match. */
  readonly from: readonly string[] | null;
}

export interface ShownCell {
  readonly text: string;
  readonly isNull: boolean;
  readonly isWrong: boolean;
  /** Said at the first cell of its kind. */
  readonly why: string | null;
}

export interface ShownRow {
  /** Where it is in the file. */
  readonly place: number;
  /** Empty if the row can't be read. */
  readonly cells: readonly ShownCell[];
  /** What is wrong with it as a whole. */
  readonly why: readonly string[];
  /** The table, or the file, has one like it already. */
  readonly isDuplicate: boolean;
}

export interface ShownRows {
  readonly columns: readonly ShownColumn[];
  /** How many more there are. */
  readonly hidden: number;
  readonly rows: readonly ShownRow[];
}

/**
 * What people call a place in the file. An array of JSON may be all on one line: there, rows are counted.
 */
export function placesOf({ format }: PreviewReport["read_as"]) {
  return {
    word: format === "xlsx" || format === "json" ? "row" : "line",
    isOneLine: format === "json",
  };
}

type Row = PreviewReport["rows"][number];

interface Showing {
  /** Somebody wants to see all columns. */
  readonly isWhole: boolean;
  /** What is wrong is said in every cell, not only in the first of its kind. */
  readonly repeats: boolean;
}

export function shownRows(
  { header, mapping, read_as }: PreviewReport,
  rows: readonly Row[],
  { isWhole, repeats }: Showing,
): ShownRows {
  const all: readonly ShownColumn[] = mapping === null
    ? header.map((name) => ({ name, from: null }))
    : mapping.map(({ column: name, from }) => ({ name, from }));
  const isOneLine = placesOf(read_as).isOneLine;
  const columns = isWhole ? all : chooseColumns(all, rows);
  const longest = Math.min(
    LONGEST.most,
    Math.max(LONGEST.least, Math.floor(MOST_TEXT / Math.max(1, rows.length * columns.length))),
  );
  const places = new Map(header.map((name, index) => [name, index]));
  const told = repeats ? null : new Set<string>();
  return {
    columns,
    hidden: all.length - columns.length,
    rows: rows.map((row) => ({
      place: isOneLine ? row.row_number : row.line,
      isDuplicate: row.duplicate !== undefined,
      why: row.errors.filter(({ column }) => column === null).map(({ message }) =>
        inPageWords(message)
      ),
      cells: row.cells === null
        ? []
        : columns.map((column) => shownCell(row, column, { places, longest, told })),
    })),
  };
}

interface Cutting {
  readonly places: ReadonlyMap<string, number>;
  readonly longest: number;
  /** Errors that were said before. Null: they are said again. */
  readonly told: Set<string> | null;
}

function shownCell(
  row: Row,
  { name, from }: ShownColumn,
  { places, longest, told }: Cutting,
): ShownCell {
  const error = row.errors.find(({ column }) => column === name);
  const raw = (from ?? [name]).flatMap((column) => row.cells?.[places.get(column) ?? -1] ?? []);
  const value = error !== undefined || from === null ? raw.join(" ") : row.values?.[name] ?? null;
  const kind = error === undefined ? "" : `${name}\n${error.message}`;
  const isNew = error !== undefined && told?.has(kind) !== true;
  if (isNew) told?.add(kind);
  return {
    text: cutAt(value ?? "", longest),
    isNull: value === null || (error !== undefined && value === ""),
    isWrong: error !== undefined,
    why: isNew ? whyWrong(error) : null,
  };
}

function whyWrong(error: Row["errors"][number]): string {
  const why = besideHeading(error);
  return error.hint === undefined ? why : `${why} ${error.hint}`;
}

/** Those with errors first, then as many of the others as there is room for; in their order. */
function chooseColumns(
  all: readonly ShownColumn[],
  rows: readonly Row[],
): readonly ShownColumn[] {
  const room = Math.max(8, Math.floor(MOST_CELLS / Math.max(1, rows.length)));
  if (all.length <= room) return all;
  const wrong = new Set(rows.flatMap(({ errors }) => errors.map(({ column }) => column)));
  const [first, others] = [
    all.filter(({ name }) => wrong.has(name)),
    all.filter(({ name }) => !wrong.has(name)),
  ];
  const chosen = new Set([...first, ...others].slice(0, room));
  return all.filter((column) => chosen.has(column));
}

function cutAt(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).toWellFormed()}…`;
}
