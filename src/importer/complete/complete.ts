/** Expands short forms and fills in defaults: from the file's shape to a `Definition`. */
import {
  type ColumnRule,
  DEFAULT_COLUMN,
  type Definition,
  type KeepRule,
  type ManyRule,
  type NestedRule,
  type OptionsRule,
  type Transform,
} from "../definition.ts";
import { completeAbsent } from "./complete_absent.ts";
import { canonicalType } from "../check/check_column.ts";
import { completeCondition } from "../condition/complete.ts";
import { hooksFile, readHookTime } from "../check/check_hooks.ts";
import { completeSource } from "./complete_source.ts";
import type { Path } from "../problem.ts";
import { Texts } from "../texts.ts";
import { parseByteSize } from "../byte_size.ts";
import { readAge, readKeepAge, readMaxErrors } from "../read_options.ts";
import type { LookupRule } from "../lookup_rule.ts";
import { nestedIn } from "../schema.ts";
import type {
  ParsedColumn,
  ParsedDefinition,
  ParsedLookup,
  ParsedMany,
  ParsedNested,
  ParsedTransform,
  Text,
} from "../schema.ts";

/** The options of a definition without `options`. */
export const DEFAULT_OPTIONS: OptionsRule = {
  batch_rows: 50_000,
  batch_bytes: 4_000_000,
  transaction: "batch",
  log_rows: "failed",
  strict_headers: false,
  unmapped: "ignore",
  max_errors: null,
  sequences: "warn",
  undo: "inserts",
  undo_for: 7 * 24 * 60 * 60 * 1000,
  once: false,
  keep: {},
  // Some 300 MB of the ledger. Whoever has so many wrong rows has a wrong file, or a wrong definition:
  // that is mended, and the file imported again.
  max_failed_rows_logged: 1_000_000,
};

/** `written`: numbers and booleans as written in the file, by formatted path. */
export function complete(
  parsed: ParsedDefinition,
  slug: string,
  table: string,
  written: ReadonlyMap<string, string>,
): Definition {
  const texts = new Texts(written);
  const { columns: keyColumns, where } = keyParts(parsed.key);
  const key = texts.list(where === null ? ["key"] : ["key", "columns"], keyColumns) ?? [];
  const { compare, columns } = parsed;
  const absent = completeAbsent(
    parsed.on_absent,
    parsed.scope,
    parsed.options ?? {},
    texts,
  );
  return {
    slug,
    table,
    time_zone: parsed.time_zone ?? null,
    description: parsed.description ?? null,
    source: {
      ...completeSource(parsed.source ?? {}, parsed.time_zone ?? null, texts),
      ...parsed.source?.format === "fixed" && keepsBlanks(columns) && { keeps_blanks: true },
    },
    key,
    key_where: where,
    // Without a key, no row is a duplicate: rows are only inserted.
    on_duplicate: parsed.on_duplicate ?? (key.length > 0 ? "skip" : "fail"),
    on_missing: parsed.on_missing ?? "insert",
    ...(absent !== null && { on_absent: absent }),
    compare: compare === undefined ? null : {
      source: texts.one(["compare", "source"], compare.source),
      target: texts.one(["compare", "target"], compare.target),
    },
    identity: parsed.identity ?? null,
    columns: columns === undefined ? null : Object.fromEntries(
      Object.entries(columns).map(([target, column]) => [
        target,
        completeColumn(target, column, ["columns", target], texts),
      ]),
    ),
    ...parsed.many !== undefined && {
      many: parsed.many.map((entry, index) => completeMany(entry, ["many", index], texts)),
    },
    ...parsed.nested !== undefined && {
      nested: nestedIn(parsed)?.map((entry, index) =>
        completeNested(entry, ["nested", index], texts)
      ),
    },
    options: completeOptions(parsed.options ?? {}),
    ...(parsed.hooks !== undefined && { hooks: { file: hooksFile(parsed.hooks) ?? parsed.hooks } }),
  };
}

/** `key: email`, `key: [email]` or `key: {columns: email, where: deleted_at is null}`. */
function keyParts(key: ParsedDefinition["key"]) {
  return typeof key === "object" && "columns" in key ? key : { columns: key, where: null };
}

function keepsBlanks(columns: ParsedDefinition["columns"]): boolean {
  return Object.values(columns ?? {}).some((column) =>
    typeof column === "object" && column.trim === false
  );
}

function completeOptions(options: NonNullable<ParsedDefinition["options"]>): OptionsRule {
  const { batch_bytes: bytes, max_errors: maxErrors, undo_for: undoFor } = options;
  const { hook_timeout: hookTime } = options;
  return {
    batch_rows: options.batch_rows ?? DEFAULT_OPTIONS.batch_rows,
    batch_bytes: (bytes === undefined ? null : parseByteSize(bytes)) ?? DEFAULT_OPTIONS.batch_bytes,
    transaction: options.transaction ?? DEFAULT_OPTIONS.transaction,
    ...(options.release === "manual" && { release: options.release }),
    ...(options.hold_if !== undefined && { hold_if: [options.hold_if].flat() }),
    log_rows: options.log_rows ?? DEFAULT_OPTIONS.log_rows,
    strict_headers: options.strict_headers ?? DEFAULT_OPTIONS.strict_headers,
    unmapped: options.unmapped ?? DEFAULT_OPTIONS.unmapped,
    max_errors: maxErrors === undefined || maxErrors === null ? null : readMaxErrors(maxErrors),
    sequences: options.sequences ?? DEFAULT_OPTIONS.sequences,
    undo: options.undo ?? DEFAULT_OPTIONS.undo,
    undo_for: (undoFor === undefined ? null : readAge(undoFor)) ?? DEFAULT_OPTIONS.undo_for,
    once: options.once ?? DEFAULT_OPTIONS.once,
    keep: completeKeep(options.keep ?? {}),
    ...(hookTime !== undefined && { hook_timeout: readHookTime(hookTime) ?? undefined }),
    max_failed_rows_logged: options.max_failed_rows_logged === undefined
      ? DEFAULT_OPTIONS.max_failed_rows_logged
      : options.max_failed_rows_logged,
  };
}

function completeKeep(
  keep: NonNullable<NonNullable<ParsedDefinition["options"]>["keep"]>,
): KeepRule {
  const ages = Object.entries(keep).map(([what, age]) => [what, readKeepAge(age ?? "")] as const);
  return Object.fromEntries(ages.filter(([, age]) => age !== undefined));
}

function completeColumn(
  target: string,
  given: Text | ParsedColumn,
  path: Path,
  texts: Texts,
): ColumnRule {
  const column: ParsedColumn = typeof given === "object" ? given : { from: texts.one(path, given) };
  const transform = (column.transform ?? []).map((step, index) =>
    completeTransform(step, [...path, "transform", index], texts)
  );
  const value = texts.optional([...path, "value"], column.value);
  return {
    // Without `from`, a column is filled from the source column of the same name.
    from: value !== null ? [] : texts.list([...path, "from"], column.from) ?? [target],
    concat: texts.optional([...path, "concat"], column.concat),
    value,
    type: canonicalType(column.type),
    required: column.required ?? DEFAULT_COLUMN.required,
    trim: column.trim ?? DEFAULT_COLUMN.trim,
    transform,
    map: column.map === undefined ? null : texts.map([...path, "map"], column.map),
    default: texts.optional([...path, "default"], column.default),
    // To YAML, `null` without quotes is no text.
    empty: column.empty === undefined ? null : column.empty ?? "null",
    min: column.min ?? DEFAULT_COLUMN.min,
    max: column.max ?? DEFAULT_COLUMN.max,
    min_length: column.min_length ?? DEFAULT_COLUMN.min_length,
    max_length: column.max_length ?? DEFAULT_COLUMN.max_length,
    one_of: texts.list([...path, "one_of"], column.one_of),
    pattern: column.pattern ?? DEFAULT_COLUMN.pattern,
    format: texts.list([...path, "format"], column.format) ?? DEFAULT_COLUMN.format,
    decimal: texts.optional([...path, "decimal"], column.decimal) ?? DEFAULT_COLUMN.decimal,
    thousands: texts.optional([...path, "thousands"], column.thousands),
    accept: [column.accept ?? []].flat(),
    true: texts.list([...path, "true"], column.true),
    false: texts.list([...path, "false"], column.false),
    on_update: column.on_update ?? DEFAULT_COLUMN.on_update,
    message: column.message ?? DEFAULT_COLUMN.message,
    lookup: column.lookup === undefined ? null : completeLookup(column.lookup, path, texts),
    when: column.when === undefined
      ? null
      : completeCondition(column.when, [...path, "when"], texts),
  };
}

function completeMany(parsed: ParsedMany, path: Path, texts: Texts): ManyRule {
  const { from, separator, required = false, pivot, sync = "add", ...item } = parsed;
  const at = [...path, "pivot"];
  return {
    from: texts.list([...path, "from"], from) ?? [],
    separator: texts.optional([...path, "separator"], separator),
    required,
    item: { ...completeColumn("", item, path, texts), from: [] },
    pivot: {
      table: pivot.table,
      local: texts.one([...at, "local"], pivot.local),
      foreign: texts.one([...at, "foreign"], pivot.foreign),
      values: texts.map([...at, "values"], pivot.values ?? {}),
    },
    sync,
  };
}

function completeNested(parsed: ParsedNested, path: Path, texts: Texts): NestedRule {
  const key = texts.list([...path, "key"], parsed.key) ?? [];
  return {
    from: texts.one([...path, "from"], parsed.from),
    table: parsed.table,
    foreign_key: Object.fromEntries(
      Object.entries(parsed.foreign_key).map(([child, parent]) => [
        child,
        texts.one([...path, "foreign_key", child], parent),
      ]),
    ),
    key,
    on_duplicate: parsed.on_duplicate ?? (key.length > 0 ? "skip" : "fail"),
    columns: Object.fromEntries(
      Object.entries(parsed.columns).map(([target, column]) => [
        target,
        completeColumn(target, column, [...path, "columns", target], texts),
      ]),
    ),
    nested: (parsed.nested ?? []).map((entry, index) =>
      completeNested(entry, [...path, "nested", index], texts)
    ),
  };
}

function completeLookup(lookup: ParsedLookup, path: Path, texts: Texts): LookupRule {
  const { table, match, returns, create = false, where = null } = lookup;
  return {
    table,
    match: texts.list([...path, "lookup", "match"], match) ?? [],
    returns: texts.optional([...path, "lookup", "returns"], returns),
    create,
    where,
  };
}

function completeTransform(transform: ParsedTransform, path: Path, texts: Texts): Transform {
  if (typeof transform === "string") return { op: transform };
  const { replace, prefix, suffix, split, map, concat } = transform;
  if (replace !== undefined) {
    const { pattern, with: replacement } = replace;
    return { op: "replace", pattern, with: texts.one([...path, "replace", "with"], replacement) };
  }
  if (prefix !== undefined) return { op: "prefix", text: texts.one([...path, "prefix"], prefix) };
  if (suffix !== undefined) return { op: "suffix", text: texts.one([...path, "suffix"], suffix) };
  if (split !== undefined) {
    return { op: "split", by: texts.one([...path, "split", "by"], split.by), index: split.index };
  }
  if (map !== undefined) return { op: "map", values: texts.map([...path, "map"], map) };
  if (concat !== undefined) return { op: "concat", by: texts.one([...path, "concat"], concat) };
  const { default: value } = transform;
  if (value !== undefined) return { op: "default", value: texts.one([...path, "default"], value) };
  throw new Error(`No transform is made of ${Object.keys(transform).join(", ")}`);
}
