/** Small pipelines for tests: a table, a definition, a file's text. */
import { deepEqual, equal } from "node:assert/strict";
import type { EncodedRecords } from "../../src/kernel/encoded_records.ts";
import { Encoder } from "../../src/kernel/encoder.ts";
import type { ColumnRule, Definition } from "../../src/importer/definition.ts";
import type { Table, TableColumn } from "../../src/load/catalog/table.ts";
import { plainColumn } from "../../src/load/catalog/table_column.ts";
import { DEFAULT_COLUMN } from "../../src/importer/definition.ts";
import { compilePipeline } from "../../src/row/compile.ts";
import { CopyWriter } from "../../src/row/copy_writer.ts";
import type { RowError } from "../../src/row/outcome.ts";
import type { RowPipeline } from "../../src/row/pipeline.ts";
import { CsvReader } from "../../src/source/csv/reader.ts";
import { binaryValues, textValues } from "./binary_rows.ts";
import { csvRecords } from "../source/records.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const FORMAT = { type: "csv", delimiter: ",", newline: "lf", grammar: 2 } as const;
const START = { offset: 0, line: 1, row: 1 };

export function column(
  name: string,
  baseType = "text",
  more: Partial<TableColumn> = {},
): TableColumn {
  return { ...plainColumn(name, baseType), ...more };
}

export function table(columns: readonly TableColumn[], more: Partial<Table> = {}): Table {
  return {
    oid: 1,
    schema: "public",
    name: "customers",
    partitioned: false,
    columns,
    uniqueIndexes: [],
    foreignKeys: [],
    checks: [],
    hasExclusionConstraint: false,
    hasBeforeInsertTriggers: false,
    hasBeforeUpdateTriggers: false,
    hasRules: false,
    rowLevelSecurity: false,
    ...more,
  };
}

export function rule(more: Partial<ColumnRule> = {}): ColumnRule {
  return { ...DEFAULT_COLUMN, ...more };
}

type Parts = Partial<Omit<Definition, "options" | "source">> & {
  readonly options?: Partial<Definition["options"]>;
  readonly null_values?: readonly string[];
  readonly unquoted_nulls?: readonly string[];
};

function definition(parts: Parts = {}): Definition {
  const { options, null_values = [""], unquoted_nulls = [], ...more } = parts;
  return {
    slug: "customers",
    table: "customers",
    description: null,
    source: {
      type: "upload",
      path: null,
      override: false,
      format: "csv",
      delimiter: ",",
      encoding: "utf-8",
      header: true,
      skip_lines: 0,
      null_values,
      unquoted_nulls,
    },
    key: [],
    on_duplicate: "skip",
    on_missing: "insert",
    compare: null,
    columns: null,
    options: {
      batch_rows: 5000,
      batch_bytes: 1_000_000,
      log_rows: "failed",
      strict_headers: false,
      unmapped: "ignore",
      max_errors: null,
      ...options,
    },
    ...more,
  };
}

/** A definition, a header and a table, compiled; run 12 of `ada`. */
export function compile(
  parts: Parts,
  header: readonly string[],
  columns: readonly TableColumn[],
  tableParts: Partial<Table> = {},
  isTyped = false,
  namesNulls = false,
) {
  return compilePipeline(definition(parts), header, table(columns, tableParts), {
    runId: 12,
    user: "ada",
    isTyped,
    namesNulls,
  });
}

export function reader(csv: string | Uint8Array, fields: number | null): CsvReader {
  const bytes = typeof csv === "string" ? encoder.encode(csv) : csv;
  return new CsvReader(bytes, FORMAT, START, fields);
}

/** COPY's line for each row, or its errors; the same with the kernel and without it. */
export function process(
  pipeline: RowPipeline,
  csv: string | Uint8Array,
  fields: number,
): (string | readonly RowError[])[] {
  const records = reader(csv, fields);
  const out = new CopyWriter(16);
  const rows = [];
  while (records.next()) {
    const start = out.length;
    const errors = pipeline.process(records, out);
    rows.push(errors ?? decoder.decode(out.view(start)).replace(/\n$/, ""));
  }
  deepEqual(encode(pipeline, csv, fields, rows.length), rows);
  return rows;
}

/** Encodes with the kernel, which asks the pipeline only if it isn't sure. */
function encode(
  pipeline: RowPipeline,
  csv: string | Uint8Array,
  fields: number,
  count: number,
): (string | readonly RowError[])[] {
  const bytes = typeof csv === "string" ? encoder.encode(csv) : csv;
  const encoded = (["text", "binary"] as const).map((format) => {
    const kernel = new Encoder(pipeline, csvRecords(FORMAT, fields), format);
    kernel.input(bytes.length, count).set(bytes);
    return kernel.encodePiece(START);
  });
  const [{ bad, goodRecords }] = encoded;
  const rows: (string | readonly RowError[])[] = [];
  for (const [record, errors] of bad) rows[record] = errors;
  const [lines, binary] = encoded.map(goodRows);
  for (const [index, record] of goodRecords.entries()) {
    rows[record] = decoder.decode(lines[index]).replace(/\n$/, "");
  }
  deepEqual(encoded[1].bad, bad);
  deepEqual(encoded[1].goodRecords, goodRecords);
  if (encoded[1].format === "binary") assertSameValues(pipeline, lines, binary);
  else deepEqual(binary, lines);
  return rows;
}

export function goodRows({ copyRows, rowEnds }: EncodedRecords): Uint8Array[] {
  return Array.from(
    rowEnds,
    (end, index) => copyRows.subarray(index === 0 ? 0 : rowEnds[index - 1], end),
  );
}

/** Numbers are compared as such, and moments by what they mean to Postgres. */
export function assertSameValues(
  { programs }: RowPipeline,
  lines: readonly Uint8Array[],
  binary: readonly Uint8Array[],
): void {
  const columns = programs.map((program) => program.column);
  equal(binary.length, lines.length);
  for (const [index, row] of binary.entries()) {
    const expected = textValues(lines[index]).map((value, column) =>
      value === null ? null : asRead(columns[column].baseType, value)
    );
    deepEqual(binaryValues(row, columns), expected);
  }
}

/** What Postgres makes of a canonical text. */
function asRead(type: string, value: string): string {
  switch (type) {
    case "float4":
      return String(Math.fround(Number(value)));
    case "float8":
      return String(Number(value));
    case "timestamp":
      return value.replace(/[+-][\d:]+$/u, (end, at: number) => at > 10 ? "" : end);
    case "timestamptz":
      return inUtc(value);
    default:
      return value;
  }
}

function inUtc(value: string): string {
  const [, local, fraction = "", sign, hour, minute = "0", second = "0"] =
    /^(.{19})(\.\d+)?([+-])(\d\d)(?::(\d\d)(?::(\d\d))?)?$/u.exec(value) ?? [];
  const offset = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000;
  const moment = Date.parse(`${local.replace(" ", "T")}Z`) - (sign === "-" ? -offset : offset);
  return `${new Date(moment).toISOString().slice(0, 19).replace("T", " ")}${fraction}+00`;
}

/** One value through one column: COPY's text (`\N` for null), or the messages. */
export function value(
  text: string,
  rules: Partial<ColumnRule>,
  target: TableColumn = column("x"),
  nullValues: readonly string[] = [""],
): string | readonly RowError[] {
  const columns = { [target.name]: rule({ from: ["source"], ...rules }) };
  const pipeline = compile({ columns, null_values: nullValues }, ["source"], [target]);
  return process(pipeline, quoted(text), 1)[0];
}

export function messages(outcome: string | readonly RowError[]): readonly string[] | string {
  return typeof outcome === "string" ? outcome : outcome.map(({ message }) => message);
}

/** One field, quoted, so that it may contain anything. */
export function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
