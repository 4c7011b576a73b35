/** Customers with one more column, of a type that Postgres knows and customers don't have. */
import { customer, CUSTOMER_COLUMNS, lineOf } from "./customer.ts";
import { mixed, padded } from "./handwriting.ts";
import type { Kind } from "./kind.ts";
import { pick, randomNumbers } from "./random.ts";

const MOODS = ["glad", "calm", "cross", "sad", "amazed"];
const COLOURS = ["red", "green", "blue", "amber", "deep purple"];

interface ColumnType {
  readonly table: string;
  /** For a list of types. */
  readonly words: string;
  /** In SQL. */
  readonly type: string;
  /** What the type needs. */
  readonly needs?: string;
  /** A value as the file has it. */
  value(random: () => number): string;
}

export const COLUMN_TYPES = {
  timestamptz: {
    table: "with_timestamptz",
    words: "timestamptz with offsets",
    type: "timestamptz",
    value: (random) =>
      `${2000 + Math.floor(random() * 26)}-${padded(1 + random() * 12, 2)}-` +
      `${padded(1 + random() * 28, 2)}T${padded(random() * 24, 2)}:${padded(random() * 60, 2)}:` +
      `${padded(random() * 60, 2)}+0${Math.floor(random() * 4)}:00`,
  },
  jsonb: {
    table: "with_jsonb",
    words: "jsonb",
    type: "jsonb",
    value: (random) =>
      `"{""visits"": ${Math.floor(random() * 1e6)}, ""tags"": [""${pick(COLOURS, random)}""]}"`,
  },
  enum: {
    table: "with_enum",
    words: "an enum",
    type: "mood",
    needs: `create type mood as enum ('${MOODS.join("', '")}')`,
    value: (random) => pick(MOODS, random),
  },
  text_array: {
    table: "with_text_array",
    words: "text[]",
    type: "text[]",
    value: (random) =>
      `"{${Math.floor(random() * 1e6)},""${pick(COLOURS, random)}"",${pick(MOODS, random)}}"`,
  },
  inet: {
    table: "with_inet",
    words: "inet",
    type: "inet",
    value: (random) =>
      `10.${Math.floor(random() * 256)}.${Math.floor(random() * 256)}.${
        Math.floor(random() * 256)
      }`,
  },
  citext: {
    table: "with_citext",
    words: "citext",
    type: "citext",
    needs: "create extension citext",
    value: (random) => `${mixed(pick(COLOURS, random), random)} ${Math.floor(random() * 1e6)}`,
  },
  domain: {
    table: "with_domain",
    words: "a domain",
    type: "postcode",
    needs: "create domain postcode as text check (value ~ '^[0-9]{5}$')",
    value: (random) => padded(random() * 1e5, 5),
  },
} as const satisfies Record<string, ColumnType>;

export type ColumnTypeName = keyof typeof COLUMN_TYPES;

export const COLUMN_TYPE_NAMES = Object.keys(COLUMN_TYPES) as ColumnTypeName[];

/** Each type has a table of its own. */
export function typeTables(): string[] {
  return Object.values<ColumnType>(COLUMN_TYPES).flatMap(({ table, type, needs }) => [
    ...needs === undefined ? [] : [needs],
    `create table ${table} (like customers including all, extra ${type} not null)`,
  ]);
}

export const TYPE_KINDS = Object.fromEntries(
  COLUMN_TYPE_NAMES.map((name) => [name, withColumn(COLUMN_TYPES[name])]),
) as Record<ColumnTypeName, Kind>;

function withColumn({ table, value }: ColumnType): Kind {
  return {
    columns: [...CUSTOMER_COLUMNS, "extra"],
    delimiter: ",",
    table,
    lines() {
      const random = randomNumbers(20_260_505);
      return (id) => `${lineOf(customer(id, random), ",")},${value(random)}`;
    },
  };
}
