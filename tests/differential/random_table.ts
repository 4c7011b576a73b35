/** Random tables with random rows, and a definition for each that leaves all to the table. */
import fc from "fast-check";
import { identifier } from "../../src/db/quoting.ts";
import type { Session } from "../../src/db/session.ts";
import { anyNotation, canWrite, type Notation } from "./notation.ts";
import type { Surroundings } from "./surroundings.ts";
import { anyTriggers, createTriggers, NOTE, type TriggerKind } from "./triggers.ts";
import { COLUMN_TYPES, type ColumnType } from "./types.ts";

export interface RandomTable {
  readonly name: string;
  readonly ddl: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly definition: object;
  readonly notation: Notation;
  /** As in the file. */
  readonly rows: readonly (readonly string[])[];
  /** As the documents say that a file is read: trimmed, and NULL where there is nothing. */
  readonly loadable: readonly (readonly (string | null)[])[];
  /** How many of the first rows are in the table before the file comes. */
  readonly before: number;
  /** Null: all rows are new. */
  readonly key: Key | null;
  readonly triggers: readonly TriggerKind[];
}

export interface Key {
  readonly columns: readonly string[];
  readonly onDuplicate: "update" | "skip" | "fail";
  readonly isUnique: boolean;
}

type Rule = "none" | "not null" | "unique" | "check" | "default";

interface Shape {
  readonly columns: readonly {
    readonly type: ColumnType;
    readonly rule: Rule;
  }[];
  readonly notation: Notation;
  /** Values are taken exactly as they are in the file, and only Postgres judges them. */
  readonly exact: boolean;
  readonly rows: readonly (readonly string[])[];
  /** The first columns, up to this many, are the key. */
  readonly keyColumns: number;
  readonly onDuplicate: Key["onDuplicate"];
  readonly isUnique: boolean;
  readonly triggers: readonly TriggerKind[];
  readonly batchRows: number;
}

const MAX_ROWS = 30;
/** So few that most keys come several times. */
const MAX_KEYS = 6;

const anyColumns = fc.array(
  fc.record({
    type: fc.constantFrom(...COLUMN_TYPES),
    rule: fc.constantFrom("none", "none", "none", "not null", "unique", "check", "default"),
  }),
  { minLength: 1, maxLength: 5 },
);

const anyShape: fc.Arbitrary<Shape> = fc.tuple(
  fc.boolean(),
  anyColumns,
  fc.constantFrom(0, 0, 1, 1, 2),
).chain(([exact, columns, keyColumns]) =>
  fc.record({
    columns: fc.constant(columns),
    notation: anyNotation,
    exact: fc.constant(exact),
    rows: fc.tuple(...columns.map(({ type }, index) => {
      const value = anyValue(type, exact);
      return index < keyColumns
        ? fc.array(value, { minLength: 1, maxLength: MAX_KEYS })
          .map((values) => fc.constantFrom(...values))
        : fc.constant(value);
    })).chain((values) => fc.array(fc.tuple(...values), { maxLength: MAX_ROWS, size: "max" })),
    keyColumns: fc.constant(keyColumns),
    onDuplicate: fc.constantFrom("update", "skip", "fail"),
    isUnique: fc.constantFrom(true, true, false),
    triggers: anyTriggers,
    batchRows: fc.constantFrom(2, 5, 20_000),
  })
);

/** Mostly the type's own values, sometimes those of any other type, a slip of the hand, or nothing. */
function anyValue(type: ColumnType, exact: boolean): fc.Arbitrary<string> {
  const own = type.odd !== undefined && exact
    ? fc.oneof({ weight: 3, arbitrary: type.texts }, { weight: 1, arbitrary: type.odd })
    : type.texts;
  return fc.oneof(
    { weight: 12, arbitrary: own },
    { weight: 1, arbitrary: fc.constantFrom(...COLUMN_TYPES).chain((other) => other.texts) },
    { weight: 1, arbitrary: own.map((text) => ` ${text} `) },
    { weight: 1, arbitrary: own.map((text) => exact ? text.slice(1) : text) },
    { weight: 1, arbitrary: fc.constant("") },
  );
}

export function randomTables(
  count: number,
  seed: number,
  surroundings: Surroundings,
): readonly RandomTable[] {
  return fc.sample(anyShape, { numRuns: count, seed }).map((shape, index) =>
    tableOf(`t${index}`, shape, surroundings)
  );
}

function tableOf(name: string, shape: Shape, { canHold, mayUpsert }: Surroundings): RandomTable {
  const columns = shape.columns.map(({ type }, index) => ({ name: `c${index}`, type: type.sql }));
  const key = mayUpsert ? keyOf(shape) : null;
  const lines = shape.columns.map(({ type, rule }, index) =>
    `c${index} ${type.sql} ${constraint(`c${index}`, type.sql, ruleBeside(key, rule))}`
  );
  if (shape.triggers.length > 0) lines.push(`${NOTE} text`);
  if (key?.isUnique) lines.push(`unique (${key.columns.join(", ")})`);
  const changed = columns[columns.length - 1].name;
  const rows = shape.rows.filter((row) =>
    row.every((text) =>
      !text.includes("\0") && text.isWellFormed() && canHold(text) &&
      canWrite(text, shape.notation.encoding)
    )
  );
  return {
    name,
    ddl: `create table public.${identifier(name)} (${lines.join(", ")}); ${
      createTriggers(name, shape.triggers, changed)
    }`,
    columns,
    key,
    triggers: shape.triggers,
    before: key === null ? 0 : Math.floor(rows.length / 3),
    definition: {
      table: `public.${name}`,
      options: { batch_rows: shape.batchRows },
      ...(key !== null && { key: key.columns, on_duplicate: key.onDuplicate }),
      source: {
        skip_empty_rows: false,
        // A guess needs words.
        ...(shape.notation.encoding === "iso-8859-1" && { encoding: shape.notation.encoding }),
        // In a single column, nothing tells delimiters from commas in values.
        ...(columns.length === 1 && { delimiter: shape.notation.delimiter }),
      },
      ...(shape.exact && {
        columns: Object.fromEntries(
          columns.map(({ name }) => [name, { from: name, trim: false, type: "text" }]),
        ),
      }),
    },
    notation: shape.notation,
    rows,
    loadable: rows.map((row) =>
      row.map((text) => shape.exact ? text || null : text.trim() || null)
    ),
  };
}

/** Not every type has an operator for equality, so that it can be unique. */
const WITHOUT_EQUALITY = new Set(["json", "point"]);

function keyOf({ columns, keyColumns, onDuplicate, isUnique }: Shape): Key | null {
  const types = columns.slice(0, keyColumns).map(({ type }) => type.sql);
  if (types.length === 0 || types.some((type) => WITHOUT_EQUALITY.has(type))) return null;
  return { columns: types.map((_, index) => `c${index}`), onDuplicate, isUnique };
}

/** What the documents don't promise: unique values that a file frees by updating rows. */
function ruleBeside(key: Key | null, rule: Rule): Rule {
  return key?.onDuplicate === "update" && rule === "unique" ? "none" : rule;
}

function constraint(column: string, type: string, rule: Rule): string {
  switch (rule) {
    case "none":
      return "";
    case "not null":
      return "not null";
    case "unique":
      return WITHOUT_EQUALITY.has(type) ? "" : "unique";
    case "check":
      return `check (length(${column}::text) <> 4)`;
    case "default":
      return "default null";
  }
}

/** The table's rows, and those that a trigger has put elsewhere. */
export async function stored(owner: Session, { name }: RandomTable): Promise<readonly string[]> {
  const rows = await owner.query<{ row: string }>(
    `select t::text collate "C" as row from public.${identifier(name)} t
     union all select 'taken ' || row collate "C" from public.taken where name = $1 order by 1`,
    [name],
  );
  return rows.map(({ row }) => row);
}

export function describe({ ddl, rows, notation, definition }: RandomTable): string {
  return [
    ddl,
    JSON.stringify(definition),
    JSON.stringify(notation),
    ...rows.map((row, index) => `${index + 1}: ${JSON.stringify(row)}`),
  ].join("\n");
}
