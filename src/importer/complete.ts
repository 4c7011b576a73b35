/** Expands short forms and fills in defaults: from the file's shape to a `Definition`. */
import {
  type ColumnRule,
  DEFAULT_COLUMN,
  type Definition,
  type FolderRule,
  type KeepRule,
  type OptionsRule,
  type ScheduleRule,
  type SourceRule,
  type Transform,
} from "./definition.ts";
import { canonicalType } from "./check_column.ts";
import { formatPath, type Path } from "./problem.ts";
import { parseByteSize } from "./byte_size.ts";
import { readFixedFields } from "./fixed_fields.ts";
import {
  readAge,
  readDelimiter,
  readEncoding,
  readKeepAge,
  readMaxErrors,
} from "./read_options.ts";
import type { ParsedColumn, ParsedDefinition, ParsedTransform, Text } from "./schema.ts";

/** The options of a definition without `options`. */
export const DEFAULT_OPTIONS: OptionsRule = {
  batch_rows: 50_000,
  batch_bytes: 4_000_000,
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

/** The source of a definition without `source`. */
export const DEFAULT_SOURCE: SourceRule = {
  type: "upload",
  path: null,
  override: false,
  format: "auto",
  delimiter: "auto",
  quote: "auto",
  escape: null,
  encoding: "auto",
  header: true,
  sheet: null,
  skip_lines: 0,
  skip_after_header: 0,
  skip_footer: 0,
  skip_rows: [],
  skip_empty_rows: true,
  short_rows: "fail",
  comment: null,
  null_values: [""],
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
    compare: compare === undefined ? null : {
      source: texts.one(["compare", "source"], compare.source),
      target: texts.one(["compare", "target"], compare.target),
    },
    identity: parsed.identity ?? null,
    columns: columns === undefined ? null : Object.fromEntries(
      Object.entries(columns).map(([target, column]) => [
        target,
        completeColumn(target, column, texts),
      ]),
    ),
    options: completeOptions(parsed.options ?? {}),
  };
}

/** `key: email`, `key: [email]` or `key: {columns: email, where: deleted_at is null}`. */
function keyParts(key: ParsedDefinition["key"]) {
  return typeof key === "object" && "columns" in key ? key : { columns: key, where: null };
}

function completeSource(
  source: NonNullable<ParsedDefinition["source"]>,
  zone: string | null,
  texts: Texts,
): SourceRule {
  const delimiter = readDelimiter(source.delimiter ?? DEFAULT_SOURCE.delimiter);
  const header = source.header === true ? true : texts.list(["source", "header"], source.header);
  const given = source.null_values;
  const nulls = (words: readonly (Text | null)[] | undefined, path: Path) =>
    words?.map((value, index) => texts.one([...path, index], value ?? "null"));
  const of = ["source", "null_values"];
  const nullValues = given === undefined
    // MySQL and Postgres write NULL like that.
    ? [...DEFAULT_SOURCE.null_values, ...source.escape === "\\" ? ["\\N"] : []]
    : Array.isArray(given)
    ? nulls(given, of)
    : nulls(given.any, [...of, "any"]);
  const unquoted = given === undefined || Array.isArray(given)
    ? undefined
    : nulls(given.unquoted, [...of, "unquoted"]);
  // Only then it can't be told from the default.
  const isEmptyNull = given !== undefined && nullValues?.length === 1 && nullValues[0] === "";
  const maxUnpacked = source.max_unpacked === undefined ? null : parseByteSize(source.max_unpacked);
  const maxDownload = source.max_download === undefined ? null : parseByteSize(source.max_download);
  return {
    type: source.type ?? DEFAULT_SOURCE.type,
    path: source.path ?? null,
    ...source.url !== undefined && { url: source.url },
    ...source.key !== undefined && { key: source.key },
    ...source.headers !== undefined && {
      headers: Object.fromEntries(
        Object.entries(source.headers)
          .map(([name, value]) => [name, texts.one(["source", "headers", name], value)]),
      ),
    },
    ...source.env !== undefined && { env: source.env },
    ...maxDownload !== null && { max_download: maxDownload },
    override: source.override ?? DEFAULT_SOURCE.override,
    ...completeSchedule(source, zone),
    ...source.type === "folder" && { folder: completeFolder(source) },
    format: source.format ?? DEFAULT_SOURCE.format,
    ...source.format === "fixed" && { fixed: readFixedFields(source) },
    ...source.records !== undefined && { records: source.records },
    delimiter: delimiter ?? DEFAULT_SOURCE.delimiter,
    quote: source.quote ?? DEFAULT_SOURCE.quote,
    escape: source.escape ?? DEFAULT_SOURCE.escape,
    encoding: readEncoding(String(source.encoding ?? DEFAULT_SOURCE.encoding)) ??
      DEFAULT_SOURCE.encoding,
    header: header ?? (saysNoHeader(source.format) ? [] : DEFAULT_SOURCE.header),
    sheet: source.sheet ?? DEFAULT_SOURCE.sheet,
    skip_lines: source.skip_lines ?? DEFAULT_SOURCE.skip_lines,
    skip_after_header: source.skip_after_header ?? DEFAULT_SOURCE.skip_after_header,
    skip_footer: source.skip_footer ?? DEFAULT_SOURCE.skip_footer,
    skip_rows: texts.list(["source", "skip_rows"], source.skip_rows) ?? DEFAULT_SOURCE.skip_rows,
    skip_empty_rows: source.skip_empty_rows ?? DEFAULT_SOURCE.skip_empty_rows,
    short_rows: source.short_rows ?? DEFAULT_SOURCE.short_rows,
    comment: source.comment ?? DEFAULT_SOURCE.comment,
    null_values: nullValues ?? [],
    ...isEmptyNull && { empty_is_null: true as const },
    ...(unquoted && { unquoted_nulls: unquoted }),
    ...(source.file_name !== undefined && { file_name: source.file_name }),
    ...(source.member !== undefined && { member: source.member }),
    ...(maxUnpacked !== null && { max_unpacked: maxUnpacked }),
  };
}

const SETTLE = 10_000;

function completeFolder(source: NonNullable<ParsedDefinition["source"]>): FolderRule {
  const { done = "", failed = "", ready = null, settle } = source;
  return { done, failed, ready, settle: (settle === undefined ? null : readAge(settle)) ?? SETTLE };
}

function keepsBlanks(columns: ParsedDefinition["columns"]): boolean {
  return Object.values(columns ?? {}).some((column) =>
    typeof column === "object" && column.trim === false
  );
}

/** In these formats, a header is the exception. */
function saysNoHeader(format: NonNullable<ParsedDefinition["source"]>["format"]): boolean {
  return format === "fixed" || format === "copy";
}

/** `zone`: of the definition. */
function completeSchedule(
  { every, cron, time_zone, if_running = "skip" }: NonNullable<ParsedDefinition["source"]>,
  zone: string | null,
): { readonly schedule?: ScheduleRule } {
  if (every === undefined && cron === undefined) return {};
  const schedule = {
    every: every === undefined ? null : readAge(every),
    cron: cron?.trim() ?? null,
    time_zone: time_zone ?? zone ?? "UTC",
    if_running,
  };
  return { schedule };
}

function completeOptions(options: NonNullable<ParsedDefinition["options"]>): OptionsRule {
  const { batch_bytes: bytes, max_errors: maxErrors, undo_for: undoFor } = options;
  return {
    batch_rows: options.batch_rows ?? DEFAULT_OPTIONS.batch_rows,
    batch_bytes: (bytes === undefined ? null : parseByteSize(bytes)) ?? DEFAULT_OPTIONS.batch_bytes,
    log_rows: options.log_rows ?? DEFAULT_OPTIONS.log_rows,
    strict_headers: options.strict_headers ?? DEFAULT_OPTIONS.strict_headers,
    unmapped: options.unmapped ?? DEFAULT_OPTIONS.unmapped,
    max_errors: maxErrors === undefined || maxErrors === null ? null : readMaxErrors(maxErrors),
    sequences: options.sequences ?? DEFAULT_OPTIONS.sequences,
    undo: options.undo ?? DEFAULT_OPTIONS.undo,
    undo_for: (undoFor === undefined ? null : readAge(undoFor)) ?? DEFAULT_OPTIONS.undo_for,
    once: options.once ?? DEFAULT_OPTIONS.once,
    keep: completeKeep(options.keep ?? {}),
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

function completeColumn(target: string, given: Text | ParsedColumn, texts: Texts): ColumnRule {
  const path = ["columns", target];
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

/** Reads texts as written: `007` and `1.0` keep their zeros, although to YAML they are numbers. */
class Texts {
  readonly #written: ReadonlyMap<string, string>;

  constructor(written: ReadonlyMap<string, string>) {
    this.#written = written;
  }

  one(path: Path, value: Text): string {
    return this.#written.get(formatPath(path)) ?? String(value);
  }

  optional(path: Path, value: Text | null | undefined): string | null {
    return value === undefined || value === null ? null : this.one(path, value);
  }

  list(path: Path, value: Text | readonly Text[] | undefined): readonly string[] | null {
    if (value === undefined) return null;
    if (typeof value !== "object") return [this.one(path, value)];
    return value.map((item, index) => this.one([...path, index], item));
  }

  map(
    path: Path,
    map: Readonly<Record<string, Text | null>>,
  ): Readonly<Record<string, string | null>> {
    return Object.fromEntries(
      Object.entries(map).map(([from, to]) => [from, this.optional([...path, from], to)]),
    );
  }
}
