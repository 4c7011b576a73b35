/** From what a file holds, and the table, to a definition. */
import { findNamed } from "../../importer/against_table/cut_name.ts";
import { nearest } from "../../importer/nearest.ts";
import type { SourceOverrides } from "../../importer/override_source.ts";
import type { Table, TableColumn } from "../../load/catalog/table.ts";
import { lineWord } from "../../source/format.ts";
import type { ColumnFacts } from "./column_profile.ts";
import type { Draft } from "./draft.ts";
import { draftColumn, type DraftedColumn, draftNewColumn } from "./draft_column.ts";
import { draftKey } from "./draft_key.ts";
import { draftSource, type FoundNull } from "./draft_source.ts";
import { count, evidenceOf, placesOf, quoted, rows } from "./evidence.ts";
import type { FileFacts } from "./file_facts.ts";
import { newTable } from "./new_table.ts";

export interface DraftRequest {
  /** As the definition names it. */
  readonly table: string;
  /** What people call the file. */
  readonly name: string;
  readonly facts: FileFacts;
  /** Null: it isn't there, or nobody has looked. */
  readonly catalog: Table | null;
  /** By column of the table: the values that its foreign key takes. */
  readonly referenced: ReadonlyMap<string, ReadonlySet<string>>;
  readonly given: SourceOverrides;
}

/** Throws Refused if a table for the file can't be thought of, either. */
export function makeDraft(request: DraftRequest): Draft {
  const { table, name, facts, catalog, given } = request;
  const columns = catalog === null ? newColumns(request) : tableColumns(request, catalog);
  const filled = new Set(columns.map(({ source }) => source));
  const nulls = foundNulls(columns);
  const unused = facts.columns.filter((column) => !filled.has(column.name));
  const unfilled = (catalog?.columns ?? []).filter(({ name, readonly }) =>
    !readonly && !columns.some(({ target }) => target === name)
  );
  const doubts = [
    ...columns.flatMap((column) => column.doubts),
    ...unfilled.filter(isNeeded).map(({ name }) =>
      `${name}: nothing fills it, and the table wants a value. Say where it comes from.`
    ),
    ...defectsOf(facts),
  ];
  const { key, comments: keyComments } = draftKey(catalog, columns, facts);
  const isNumbered = columns.some(({ column, target }) =>
    column?.identity === "always" && !key.includes(target)
  );
  return {
    table,
    comments: [
      `Made by ingest init from ${quoted(name)}: ${rows(facts.rows)} and ` +
      `${count(facts.columns.length)} columns, all of them read.`,
      ...(facts.source.notes ?? []).map((note) => note.replace(/\s+/gu, " ")),
      ...defectsOf(facts),
    ],
    source: draftSource(facts, given, nulls),
    key,
    keyComments,
    identity: isNumbered ? "keep" : null,
    columns,
    rest: [
      ...unused.length === 0 ? [] : [
        "Columns of the file that fill nothing:",
        ...unused.map((column) => `  ${unusedLine(column, unfilled)}`),
      ],
      ...unfilled.length === 0 ? [] : [
        "Columns of the table that nothing fills:",
        ...unfilled.map((column) =>
          `  ${column.name} ${column.type}${isNeeded(column) ? ", which every row needs" : ""}`
        ),
      ],
      ...catalog === null ? whereTo(request) : [],
    ],
    doubts,
  };
}

function newColumns({ table, facts }: DraftRequest): readonly DraftedColumn[] {
  const found = newTable(table, facts, []);
  return found.columns.map(({ name, rule, why }, field) =>
    draftNewColumn(facts.columns[field], name, rule, why)
  );
}

/** Columns of the same name, as `run --table` matches them. */
function tableColumns(
  { facts, referenced }: DraftRequest,
  catalog: Table,
): readonly DraftedColumn[] {
  const word = lineWord(facts.source.format);
  const taken = new Set<string>();
  const writable = catalog.columns.filter(({ readonly, mayInsert }) =>
    !readonly && mayInsert !== false
  );
  return facts.columns.flatMap((column) => {
    const target = findNamed(writable, column.name);
    if (target === undefined || taken.has(target.name)) return [];
    taken.add(target.name);
    return [draftColumn(column, target, referenced.get(target.name) ?? null, word, catalog)];
  });
}

function foundNulls(columns: readonly DraftedColumn[]): readonly FoundNull[] {
  const words = new Set(columns.flatMap(({ nullWords }) => nullWords));
  return columns.flatMap(({ source, facts }) =>
    [...facts.nullWords].filter(([word]) => words.has(word))
      .map(([word, { count }]) => ({ word, column: source, count }))
  ).toSorted((a, b) => b.count - a.count);
}

function isNeeded({ notNull, hasDefault, identity }: TableColumn): boolean {
  return notNull && !hasDefault && identity === null;
}

function unusedLine(column: ColumnFacts, unfilled: readonly TableColumn[]): string {
  const maybe = nearest(column.name, unfilled.map(({ name }) => name));
  const hint = maybe === null ? "" : `; maybe for ${maybe}`;
  return `${quoted(column.name)}: ${evidenceOf(column, null, "line")}${hint}`;
}

function defectsOf({ defects, shortRows }: FileFacts): readonly string[] {
  const broken = [...defects].map(([what, places]) =>
    `${rows(places.count)} can't be read, ${placesOf(places, "line")}: ${what}`
  );
  const short = shortRows === null ? [] : [
    `${rows(shortRows.count)} with too few cells, ${
      placesOf(shortRows, "line")
    }: they fail, unless ` +
    "source says short_rows: fill.",
  ];
  return [...broken, ...short];
}

function whereTo({ table, facts }: DraftRequest): readonly string[] {
  return [
    `The table ${table} was not looked at, or isn't there. It could be made like this:`,
    "",
    ...`${newTable(table, facts, []).plainSql};`.split("\n"),
  ];
}
