/** Random tables with random rows, and a definition for each that leaves all to the table. */
import fc from "fast-check";
import { identifier } from "../../src/db/quoting.ts";
import type { Session } from "../../src/db/session.ts";
import { anyNotation, canWrite, type Notation } from "./notation.ts";
import type { Surroundings } from "./surroundings.ts";
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
}

interface Shape {
  readonly columns: readonly {
    readonly type: ColumnType;
    readonly rule: "none" | "not null" | "unique" | "check" | "default";
  }[];
  readonly notation: Notation;
  /** Values are taken exactly as they are in the file, and only Postgres judges them. */
  readonly exact: boolean;
  readonly rows: readonly (readonly string[])[];
}

const MAX_ROWS = 30;

const anyShape: fc.Arbitrary<Shape> = fc.tuple(
  fc.boolean(),
  fc.array(
    fc.record({
      type: fc.constantFrom(...COLUMN_TYPES),
      rule: fc.constantFrom("none", "none", "none", "not null", "unique", "check", "default"),
    }),
    { minLength: 1, maxLength: 5 },
  ),
).chain(([exact, columns]) =>
  fc.record({
    columns: fc.constant(columns),
    notation: anyNotation,
    exact: fc.constant(exact),
    rows: fc.array(fc.tuple(...columns.map(({ type }) => anyValue(type, exact))), {
      maxLength: MAX_ROWS,
    }),
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
  { canHold }: Surroundings,
): readonly RandomTable[] {
  return fc.sample(anyShape, { numRuns: count, seed }).map((shape, index) =>
    tableOf(`t${index}`, shape, canHold)
  );
}

function tableOf(name: string, shape: Shape, canHold: (text: string) => boolean): RandomTable {
  const columns = shape.columns.map(({ type }, index) => ({ name: `c${index}`, type: type.sql }));
  const lines = shape.columns.map(({ type, rule }, index) =>
    `c${index} ${type.sql} ${constraint(`c${index}`, type.sql, rule)}`
  );
  const rows = shape.rows.filter((row) =>
    row.every((text) =>
      !text.includes("\0") && text.isWellFormed() && canHold(text) &&
      canWrite(text, shape.notation.encoding)
    )
  );
  return {
    name,
    ddl: `create table public.${identifier(name)} (${lines.join(", ")})`,
    columns,
    definition: {
      table: `public.${name}`,
      source: {
        skip_empty_rows: false,
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

function constraint(column: string, type: string, rule: Shape["columns"][number]["rule"]): string {
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

export async function stored(owner: Session, { name }: RandomTable): Promise<readonly string[]> {
  const rows = await owner.query<{ row: string }>(
    `select t::text collate "C" as row from public.${identifier(name)} t order by 1`,
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
