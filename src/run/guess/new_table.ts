/** A table for the rows of a file: types that lose nothing of what the file says. */
import { identifier } from "../../db/quoting.ts";
import { findName } from "../../row/header_names.ts";
import { normaliseName } from "../../importer/key.ts";
import { parseTableName } from "../../importer/table_name.ts";
import { Refused } from "../request/refuse/refused.ts";
import type { ColumnFacts } from "./column_profile.ts";
import { evidenceOf, placesOf } from "./evidence.ts";
import type { FileFacts } from "./file_facts.ts";
import { columnNames } from "./names.ts";
import { readAs } from "./read_as.ts";
import { type Reading, type ReadingRule, type ReadType, together } from "./reading.ts";

export interface NewColumn {
  readonly name: string;
  /** The file's name for it. */
  readonly source: string;
  /** In Postgres's words. */
  readonly type: string;
  /** What a definition says about its values. */
  readonly rule: ReadingRule;
  /** What was found in the file, and why the column is a text if it looks like something else. */
  readonly why: string;
}

export interface NewTable {
  readonly table: string;
  readonly columns: readonly NewColumn[];
  readonly key: readonly string[];
  /** CREATE TABLE, with a comment for each column; and without, for a database in any encoding. */
  readonly sql: string;
  readonly plainSql: string;
}

const MAX_COLUMNS = 1600;

/** In this order; a column of `0` and `1` has numbers. */
const TRIED: readonly ReadType[] = [
  ...["integer", "numeric", "date", "timestamp", "time", "uuid", "boolean"] as const,
];

/** Throws Refused if there can't be such a table. `key`: columns of the file or of the table. */
export function newTable(name: string, file: FileFacts, key: readonly string[]): NewTable {
  const { header } = file.source;
  if (header.length > MAX_COLUMNS) {
    throw new Refused(
      `Cannot create ${name}: the file has ${header.length} columns, and a table can have ` +
        `${MAX_COLUMNS}. Create tables for parts of them, and name their columns in definitions.`,
    );
  }
  if (file.rows === 0) {
    throw new Refused(
      `Cannot create ${name}: the file has a header and no rows, so nothing says what its columns ` +
        "hold. Create the table yourself, or take a file with rows.",
    );
  }
  const names = columnNames(header);
  const { type: format } = file.source.format;
  const columns = file.columns.map((facts, field) => ({
    name: names[field],
    source: facts.name,
    ...typeOf(facts, format === "json", format === "json" || format === "xlsx"),
  }));
  const keys = key.map((wanted) => keyColumn(wanted, name, columns, header));
  return {
    ...{ table: name, columns, key: keys },
    sql: statement(name, columns, keys, true),
    plainSql: statement(name, columns, keys, false),
  };
}

/** `isPlain`: the format itself has numbers, so their notation is known. */
function typeOf(
  facts: ColumnFacts,
  isJson: boolean,
  isPlain: boolean,
): Pick<NewColumn, "type" | "rule" | "why"> {
  const types = isJson ? [...TRIED, "json" as const] : TRIED;
  let doubt: string | null = null;
  for (const type of facts.filled === 0 ? [] : types) {
    const reading = readAs(facts, type);
    if (reading === null) continue;
    const objection = objectionTo(reading, facts, isPlain);
    if (objection !== null) {
      // The most likely of those that it might have been.
      if (reading.fits * 2 > facts.filled) doubt ??= objection;
      continue;
    }
    const why = evidenceOf(facts, reading, "line");
    return { type: columnType(reading, facts), rule: definitionRule(reading), why };
  }
  const why = evidenceOf(facts, null, "line");
  return { type: "text", rule: {}, why: doubt === null ? why : `${why}. A text, because ${doubt}` };
}

/** Why the values can't be of this type without losing something; null if they can. */
function objectionTo(reading: Reading, facts: ColumnFacts, isPlain: boolean): string | null {
  const { exceptions, lossy, otherwise, type, zoned, fits, rule } = reading;
  const others = exceptions.count > 0
    ? exceptions
    : facts.nullWords.size > 0
    ? together([...facts.nullWords.values()])
    : null;
  if (others !== null) {
    const are = others.count === 1 ? "is" : "are";
    return `${placesOf(others, "line")} ${are} none of the ${WORDS[type]}`;
  }
  if (lossy !== null) {
    return `${JSON.stringify(lossy.example)} would not stay what it is among ${WORDS[type]}`;
  }
  if (otherwise !== null && !(isPlain && type !== "date")) {
    return `its ${WORDS[type]} can be read in two ways`;
  }
  // Midnight is what many programs write for a date, but with an offset it is a moment.
  if (zoned > 0 && type === "date") return "its dates say their zone";
  if (zoned > 0 && zoned < fits) return "only some of its times say their zone";
  if ([rule.format ?? []].flat().some((format) => /(?<!y)yy(?!y)/u.test(format))) {
    return "its years have two digits";
  }
  return null;
}

const WORDS: Readonly<Record<ReadType, string>> = {
  integer: "whole numbers",
  numeric: "numbers",
  boolean: "words for yes and no",
  date: "dates",
  time: "times",
  timestamp: "times",
  uuid: "UUIDs",
  json: "JSON values",
};

/** Digits that a bigint always has room for. */
const BIGINT_DIGITS = 18;

function columnType({ type, zoned }: Reading, { digits }: ColumnFacts): string {
  switch (type) {
    case "integer":
      return digits > BIGINT_DIGITS ? "numeric" : "bigint";
    case "timestamp":
      return zoned > 0 ? "timestamp with time zone" : "timestamp";
    case "json":
      return "jsonb";
    default:
      return type;
  }
}

/** Formats of dates in a column of timestamps need a word about that. */
export function definitionRule({ rule, type }: Reading): ReadingRule {
  const formats = [rule.format ?? []].flat();
  const isDate = type === "timestamp" && formats.length > 0 &&
    !formats.some((one) => /[Hh]/u.test(one));
  return isDate ? { type: "date", ...rule } : rule;
}

function keyColumn(
  wanted: string,
  table: string,
  columns: readonly NewColumn[],
  header: readonly string[],
): string {
  const field = findName(header, wanted);
  const found = columns[field] ?? columns.find(({ name }) => name === wanted) ??
    columns.find(({ source }) => normaliseName(source) === normaliseName(wanted));
  if (found !== undefined) return found.name;
  throw new Refused(
    `Cannot create ${table} with the key ${wanted}: the file has no such column. It has ${
      header.slice(0, 30).join(", ")
    }.`,
  );
}

function statement(
  table: string,
  columns: readonly NewColumn[],
  key: readonly string[],
  isExplained: boolean,
): string {
  const lines = columns.map(({ name, type }) =>
    `${quotedName(name)} ${type}${key.includes(name) && key.length === 1 ? " primary key" : ""}`
  );
  const last = key.length > 1 ? [`primary key (${key.map(quotedName).join(", ")})`] : [];
  const all = [...lines, ...last];
  const width = Math.min(40, Math.max(...all.map((line) => line.length)) + 1);
  const body = all.map((line, at) => {
    const comma = at < all.length - 1 ? "," : "";
    const why = columns[at]?.why;
    return why === undefined || !isExplained
      ? `  ${line}${comma}`
      : `  ${(line + comma).padEnd(width)} -- ${why}`;
  });
  return `create table ${tableName(table)} (\n${body.join("\n")}\n)`;
}

/** As it is found again by the same name. */
export function tableName(table: string): string {
  const { schema, name } = parseTableName(table) ?? { schema: null, name: table };
  return (schema === null ? "" : `${quotedName(schema)}.`) + quotedName(name);
}

/** Without quotes where any Postgres takes the name like that. */
function quotedName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/u.test(name) && !RESERVED.has(name) ? name : identifier(name);
}

/** Words that are no names, or not of columns, in some version of Postgres. */
const RESERVED = new Set(
  (
    "all analyse analyze and any array as asc asymmetric authorization between bigint binary bit " +
    "boolean both case cast char character check coalesce collate collation column concurrently " +
    "constraint create cross current_catalog current_date current_role current_schema " +
    "current_time current_timestamp current_user dec decimal default deferrable desc distinct do " +
    "else end except exists extract false fetch float for foreign freeze from full grant greatest " +
    "group grouping having ilike in initially inner inout int integer intersect interval into is " +
    "isnull join json json_array json_arrayagg json_exists json_object json_objectagg json_query " +
    "json_scalar json_serialize json_table json_value lateral leading least left like limit " +
    "localtime localtimestamp merge_action national natural nchar none normalize not notnull null " +
    "nullif numeric offset on only or order out outer overlaps overlay placing position precision " +
    "primary real references returning right row select session_user setof similar smallint some " +
    "substring symmetric system_user table tablesample then time timestamp to trailing treat trim " +
    "true union unique user using values varchar variadic verbose when where window with " +
    "xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot " +
    "xmlserialize xmltable"
  ).split(" "),
);
