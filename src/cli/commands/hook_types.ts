/** `schema --types`: what an editor knows about hooks. */
import type { Definition, NestedRule } from "../../importer/definition.ts";
import { routeDefinitions } from "../../importer/routes/routes.ts";
import { readKeys } from "../../run/hooks/read_keys.ts";

const TYPES = `// Types for the hooks of ingest. In a hooks file, before \`export default\`:
//
//   /** @type {import("./ingest.d.ts").Hooks} */
//
// or, if the rows are those of the importer customers:
//
//   /** @type {import("./ingest.d.ts").Hooks<import("./ingest.d.ts").CustomersRow>} */

/** A cell: a text, as the file has it. In JSON also a number, true, false, an object or a list. */
export type Cell = any;

/** A row of the file, by the names of its header. */
export type Row = Record<string, Cell>;

export interface RowContext {
  /** The row's number in the file, from 1; the header is not counted. */
  readonly number: number;
  /** The run's number; null if nothing is loaded, as in ingest test. */
  readonly run: number | null;
  /** What the run does is rolled back. */
  readonly dry_run: boolean;
}

/** What a column may be given. It is checked like a value of the file. */
export type Value = string | number | bigint | boolean | Date | null;

/** Executes one statement in the batch's transaction, and resolves with its rows. */
export interface Sql {
  (parts: TemplateStringsArray, ...values: unknown[]): Promise<Record<string, any>[]>;
  (text: string, parameters?: unknown[]): Promise<Record<string, any>[]>;
}

export interface Batch<R> {
  /** The rows that were created or updated, as the other hooks left them. */
  readonly rows: readonly R[];
  /** Their numbers, in the same order. */
  readonly numbers: readonly number[];
  readonly sql: Sql;
  readonly run: number | null;
  readonly dry_run: boolean;
}

export interface HooksOf<R> {
  /** A schema of zod that rows of the file have to fit. */
  schema?: { safeParse(row: unknown): unknown };
  /** Changes the row, or returns another one. What it throws, the row fails for. */
  beforeRow?(row: R, context: RowContext): void | R | Promise<void | R>;
  /** By target column: gives the column's value. */
  columns?: Record<string, (value: string | null, row: R, context: RowContext) => Value>;
  /** The names of the definition's tables, of which \`table\` gives the one that takes the row. */
  tables?: readonly string[];
  table?(row: R, context: RowContext): string;
  /** Comes after the batch's rows, in the same transaction. */
  afterBatch?(batch: Batch<R>): void | Promise<void>;
}

/** What a hooks file exports by default. \`z\` is zod. */
export type Hooks<R = Row> = (given: { z: any }) => HooksOf<R> | Promise<HooksOf<R>>;
`;

/** With a type for the rows of each definition that lists its columns. */
export function hookTypes(definitions: readonly Definition[]): string {
  return [TYPES, ...definitions.flatMap((definition) => rowType(definition) ?? [])].join("\n");
}

function rowType(definition: Definition): string | null {
  const { slug, many, nested = [] } = definition;
  const rules = routeDefinitions(definition).flatMap(({ columns }) => Object.values(columns ?? {}));
  const types = new Map(
    [...rules, ...many ?? []].flatMap(({ from }) => from).map((name) => [name, "Cell"]),
  );
  for (const rule of nested) types.set(rule.from, childrenType(rule, "  "));
  if (types.size === 0) return null;
  return `/** A row of ${slug}: the columns that its definition reads. */
export interface ${typeName(slug)} {
${keysOf(types, "  ")}
}
`;
}

function keysOf(types: ReadonlyMap<string, string>, indent: string): string {
  return [
    ...[...types].map(([name, type]) => `${JSON.stringify(name)}?: ${type};`),
    "[other: string]: Cell;",
  ].map((line) => `${indent}${line}`).join("\n");
}

/** A list of objects in a row of JSON. Of a path, its first key is in them. */
function childrenType(rule: NestedRule, indent: string): string {
  const types = Object.keys(readKeys(rule)).map((key) => {
    const own = rule.nested.find(({ from }) => from === key);
    return [key, own === undefined ? "Cell" : childrenType(own, `${indent}  `)] as const;
  });
  return `{\n${keysOf(new Map(types), `${indent}  `)}\n${indent}}[] | null`;
}

/** `crm-customers` → `CrmCustomersRow`. */
function typeName(slug: string): string {
  const words = slug.split(/[^a-z0-9]+/u).filter((word) => word !== "");
  const name = words.map((word) => word[0].toUpperCase() + word.slice(1)).join("");
  return `${/^\d/u.test(name) ? "_" : ""}${name}Row`;
}
