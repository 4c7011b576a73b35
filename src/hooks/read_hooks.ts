/** What a hooks file exports, checked. */
import type { Uses } from "./messages.ts";
import { nameOf } from "./value_words.ts";

export type Row = Record<string, unknown>;

/** Anything that checks a row as a schema of zod does. */
export interface Schema {
  safeParse(row: unknown): unknown;
}

export type Hook = (...given: never[]) => unknown;

export interface Exported {
  readonly schema?: Schema;
  readonly beforeRow?: Hook;
  readonly columns: ReadonlyMap<string, Hook>;
  /** Gives one of `tables`. */
  readonly table?: Hook;
  readonly tables: readonly string[];
  readonly afterBatch?: Hook;
}

const KEYS = ["schema", "beforeRow", "columns", "tables", "table", "afterBatch"];

/** Why a file's hooks can't be used: one sentence that follows its name. */
export class WrongHooks extends Error {
  override readonly name = "WrongHooks";
}

/** `given`: what the file's function has returned. Throws WrongHooks. */
export function readHooks(given: unknown): Exported {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new WrongHooks(
      `its function returned ${nameOf(given)}; expected an object such as { beforeRow(row) {} }`,
    );
  }
  const parts = given as Row;
  for (const key of Object.keys(parts)) {
    if (!KEYS.includes(key)) {
      throw new WrongHooks(`${key}: there is no such hook; there are ${KEYS.join(", ")}`);
    }
  }
  const { schema, beforeRow, columns = {}, tables, table, afterBatch } = parts;
  if (schema !== undefined && !isSchema(schema)) {
    throw new WrongHooks(`schema is ${nameOf(schema)}; expected one of zod, as z.object({ … })`);
  }
  for (const [name, hook] of Object.entries({ beforeRow, table, afterBatch })) {
    if (hook !== undefined && typeof hook !== "function") {
      throw new WrongHooks(`${name} is ${nameOf(hook)}; expected a function`);
    }
  }
  if (typeof columns !== "object" || columns === null || Array.isArray(columns)) {
    throw new WrongHooks(`columns is ${nameOf(columns)}; expected functions by target column`);
  }
  for (const [name, hook] of Object.entries(columns)) {
    if (typeof hook !== "function") {
      throw new WrongHooks(`columns.${name} is ${nameOf(hook)}; expected a function`);
    }
  }
  if (table !== undefined && !isList(tables)) {
    throw new WrongHooks(
      `tables is ${nameOf(tables)}; expected the names of which table gives one`,
    );
  }
  if (table === undefined && tables !== undefined) {
    throw new WrongHooks("tables: there is no table(row), which gives one of them");
  }
  const all = {
    schema: schema as Schema | undefined,
    beforeRow: beforeRow as Hook | undefined,
    columns: new Map(Object.entries(columns as Record<string, Hook>)),
    table: table as Hook | undefined,
    tables: isList(tables) ? tables : [],
    afterBatch: afterBatch as Hook | undefined,
  };
  if (!schema && !beforeRow && !table && !afterBatch && all.columns.size === 0) {
    throw new WrongHooks(`it has no hook; expected at least one of ${KEYS.join(", ")}`);
  }
  return all;
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 &&
    value.every((each) => typeof each === "string");
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && "safeParse" in value &&
    typeof value.safeParse === "function";
}

export function usesOf(
  { schema, beforeRow, columns, table, tables, afterBatch }: Exported,
): Uses {
  return {
    rows: [...schema ? ["schema" as const] : [], ...beforeRow ? ["beforeRow" as const] : []],
    columns: [...columns.keys()],
    afterBatch: afterBatch !== undefined,
    ...table !== undefined && { tables },
  };
}
