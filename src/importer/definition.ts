/**
 * A definition after parsing: short forms are expanded, defaults filled in, names checked. It is
 * plain JSON and stored with each run (`ingest.runs.definition`), so a deploy in the middle of a
 * run doesn't affect the run.
 */
import type { Condition } from "./condition/condition.ts";
import type { HooksRule } from "./hooks_rule.ts";
import type { AbsentRule } from "./absent_rule.ts";
import type { LookupRule } from "./lookup_rule.ts";
import type { ManyRuleOf } from "./related/many_rule.ts";
import type { NestedRuleOf } from "./related/nested_rule.ts";
import type { SetValues } from "./set/setting.ts";
import type { SourceRule } from "./source_rule.ts";

export const ON_DUPLICATE = ["skip", "update", "update_if_newer", "fail"] as const;
export const ON_MISSING = ["insert", "skip", "fail"] as const;

/** What to do with a file's values for a column that Postgres numbers itself. */
export const IDENTITY = ["keep", "generate"] as const;
/** What to do with a sequence that stands behind the numbers that the file brought. */
export const SEQUENCES = ["warn", "advance"] as const;
/** What is remembered so that a run can be undone: also old values, only which rows, nothing. */
export const TRANSACTION = ["batch", "atomic", "run"] as const;

export const RELEASE = ["auto", "manual"] as const;

export const UNDO = ["updates", "inserts", "off"] as const;

/** What an empty value does to a row that is updated. */
export const ON_UPDATE = ["write", "keep"] as const;

export type OnDuplicate = (typeof ON_DUPLICATE)[number];
export type OnMissing = (typeof ON_MISSING)[number];

/** What a column's text has to be. If the definition doesn't say, the target column decides. */
export const VALUE_TYPES = [
  "text",
  "integer",
  "numeric",
  "float",
  "boolean",
  "date",
  "time",
  "timestamp",
  "uuid",
  "email",
  "url",
  "json",
] as const;

export type ValueType = (typeof VALUE_TYPES)[number];

/** Notations of numbers that a column may accept beside plain ones. */
export const NUMBER_NOTATIONS = [
  "currency",
  "parentheses",
  "trailing_minus",
  "percent",
  "percent_points",
] as const;

export type NumberNotation = (typeof NUMBER_NOTATIONS)[number];

/** Transforms that are written as a single word. */
export const PLAIN_TRANSFORMS = [
  "trim",
  "squish",
  "lower",
  "upper",
  "title",
  "slug",
  "digits",
  "number",
  "date",
  "boolean",
  "json",
] as const;

/** One step of `transform`. */
export type Transform =
  | { readonly op: (typeof PLAIN_TRANSFORMS)[number] }
  | { readonly op: "replace"; readonly pattern: string; readonly with: string }
  | { readonly op: "prefix" | "suffix"; readonly text: string }
  | { readonly op: "split"; readonly by: string; readonly index: number }
  | { readonly op: "default"; readonly value: string }
  | { readonly op: "map"; readonly values: Readonly<Record<string, string | null>> }
  | { readonly op: "concat"; readonly by: string };

export interface ColumnRule {
  /**
   * Without `concat`: aliases, of which the first that the file has is used. With it: columns to
   * join. With a look-up by several columns: one for each of them. Empty for `value`.
   */
  readonly from: readonly string[];
  readonly concat: string | null;
  /** A constant, in which `${run.id}`, `${file.name}` and others are not yet expanded. */
  readonly value: string | null;
  readonly type: ValueType | null;
  readonly required: boolean;
  readonly trim: boolean;
  readonly transform: readonly Transform[];
  /** From source text to target text. Any other text is an error, unless there is a default. */
  readonly map: Readonly<Record<string, string | null>> | null;
  /** Used if the value is null or not in `map`. */
  readonly default: string | null;
  /**
   * What a value that is missing becomes: NULL, or the DEFAULT of the table's column. If null or
   * absent: the DEFAULT if the column is NOT NULL and has one, else NULL.
   */
  readonly empty?: "null" | "default" | null;
  readonly min: number | null;
  readonly max: number | null;
  /** In characters (code points). */
  readonly min_length: number | null;
  readonly max_length: number | null;
  readonly one_of: readonly string[] | null;
  /** A JavaScript regular expression with the `u` flag, not anchored. */
  readonly pattern: string | null;
  /** For `date`, `time` and `timestamp`. The first one that fits is used. Empty: ISO 8601. */
  readonly format: readonly string[];
  /** For numbers: the decimal separator, and below it the one between thousands. */
  readonly decimal: string;
  readonly thousands: string | null;
  /** For numbers: other notations. Absent in runs of versions that had none. */
  readonly accept?: readonly NumberNotation[];
  /** For `boolean`. If given, these words replace the usual ones. */
  readonly true: readonly string[] | null;
  readonly false: readonly string[] | null;
  /** `keep`: an empty value changes nothing in a row that is updated. Absent in older runs. */
  readonly on_update?: (typeof ON_UPDATE)[number];
  /** Replaces the messages of this column's checks. It completes "The code field …". */
  readonly message: string | null;
  /** What is read and checked is looked up in another table. Absent in older runs: nothing is. */
  readonly lookup?: LookupRule | null;
  /**
   * The column is filled in rows for which this holds. In others it is as if the file had no value for
   * it, which is right even if it is `required`. Absent in older runs: it is filled in all rows.
   */
  readonly when?: Condition | null;
}

/** The rule of a column about which a definition says nothing. */
export const DEFAULT_COLUMN: ColumnRule = {
  from: [],
  concat: null,
  value: null,
  type: null,
  required: false,
  trim: true,
  transform: [],
  map: null,
  default: null,
  empty: null,
  min: null,
  max: null,
  min_length: null,
  max_length: null,
  one_of: null,
  pattern: null,
  format: [],
  decimal: ".",
  thousands: null,
  accept: [],
  true: null,
  false: null,
  on_update: "write",
  message: null,
  lookup: null,
  when: null,
};

export type ManyRule = ManyRuleOf<ColumnRule>;
export type NestedRule = NestedRuleOf<ColumnRule>;

export interface OptionsRule {
  readonly batch_rows: number;
  readonly batch_bytes: number;
  /** What is loaded together, or not at all. Absent in runs of older versions: batches. */
  readonly transaction?: (typeof TRANSACTION)[number];
  /** Whether somebody has to decide that a run loads its rows. Absent: nobody has to. */
  readonly release?: (typeof RELEASE)[number];
  /** Conditions under which somebody has to, as `readGate` reads them. Absent: none. */
  readonly hold_if?: readonly string[];
  readonly log_rows: "failed" | "all" | "none";
  readonly strict_headers: boolean;
  readonly unmapped: "ignore" | "fail" | "auto";
  readonly max_errors: { readonly rows: number } | { readonly percent: number } | null;
  /** Absent in runs of older versions. */
  readonly sequences?: (typeof SEQUENCES)[number];
  /** What is noted so that a run can be undone. Absent in runs of older versions: nothing. */
  readonly undo?: (typeof UNDO)[number];
  /** How long that is kept, in milliseconds. */
  readonly undo_for?: number;
  /** A file that the importer has loaded is not loaded again. Absent in runs of older versions. */
  readonly once?: boolean;
  /** Absent in runs of older versions. */
  readonly keep?: KeepRule;
  /** Failed rows beyond so many are only counted. Null, and absent in older runs: all are logged. */
  readonly max_failed_rows_logged?: number | null;
  /** Milliseconds that one call of a hook may take. Absent: as many as usual. */
  readonly hook_timeout?: number;
}

/** What is removed by itself, and when: milliseconds after the last run of a chain has ended. */
export interface KeepRule {
  /** Logged rows. Null: never. Absent: as whoever works has been told. */
  readonly failed_rows?: number | null;
  readonly runs?: number | null;
}

/** By key of the definition, as `source.delimiter`; and `limit`: only so many rows of the file. */
export type Overridden = Readonly<Record<string, string | number | null>>;

export interface Definition {
  readonly slug: string;
  /** The definition was made from a command's options and has no file. */
  readonly ad_hoc?: true;
  /** As written: `customers` or `public.customers`. Of several: `admins, users`. */
  readonly table: string;
  /** Each row goes into one of these. Absent: all into `table`. */
  readonly tables?: readonly RouteRule[];
  /** For local times, as `Europe/Berlin`. Null: the session's. Runs of older versions lack it. */
  readonly time_zone?: string | null;
  readonly description: string | null;
  readonly source: SourceRule;
  /** Source columns (by any alias) or target columns, as written. Empty: no key. */
  readonly key: readonly string[];
  /**
   * The condition of the unique index on the key, in SQL: other rows of the table don't count. Null:
   * all count. Absent in runs of older versions.
   */
  readonly key_where?: string | null;
  readonly on_duplicate: OnDuplicate;
  readonly on_missing: OnMissing;
  /** What becomes of rows of the table that the file doesn't have. Absent: they are kept. */
  readonly on_absent?: AbsentRule;
  readonly compare: { readonly source: string; readonly target: string } | null;
  /** Null: not said. Absent in runs of older versions. */
  readonly identity?: (typeof IDENTITY)[number] | null;
  /**
   * By target column. If null, the file's columns are matched to the table's by normalised name.
   */
  readonly columns: Readonly<Record<string, ColumnRule>> | null;
  /**
   * What the request of this run said about where columns come from (column_mapping.ts): by target
   * column, the file's column or null. No file has it. Absent: nothing.
   */
  readonly mapping?: Readonly<Record<string, string | null>>;
  /** Keys that the request has set for this run (set/setting.ts). Absent: none. */
  readonly set?: SetValues;
  /** What else the request said instead of the file (overridden.ts). Absent: nothing. */
  readonly overridden?: Overridden;
  /** Relations through pivot tables. Absent: none, as in runs of older versions. */
  readonly many?: readonly ManyRule[];
  /** Rows of other tables within a row of a JSON source. Absent: none. */
  readonly nested?: readonly NestedRule[];
  readonly options: OptionsRule;
  /** Code that is called for its rows. Absent: none. */
  readonly hooks?: HooksRule;
}

type OfOneTable =
  | ("table" | "key" | "key_where" | "on_duplicate" | "on_missing" | "compare" | "identity")
  | "columns";

/** One of several tables. What it doesn't say itself is what the definition says. */
export interface RouteRule extends Pick<Definition, OfOneTable> {
  /** Which rows it takes, of those that no table before it has taken. Null: all. */
  readonly when: Condition | null;
}
