/** Checks whether the parts of a definition fit together. */
import { A_GATE, readGate } from "./gates.ts";
import { namesInTemplate } from "./file_name.ts";
import type { Definition } from "./definition.ts";
import { checkAbsent } from "./check_absent.ts";
import { checkColumn } from "./check_column.ts";
import { checkCondition } from "./condition/check.ts";
import { checkPlaces } from "./condition/check_places.ts";
import { checkHooks } from "./check_hooks.ts";
import { checkLookup } from "./check_lookup.ts";
import { checkMany } from "./related/check_many.ts";
import { checkNested } from "./related/check_nested.ts";
import { checkSource } from "./check_source.ts";
import { isMapping } from "./issues.ts";
import { keyTarget } from "./key.ts";
import { nearest } from "./nearest.ts";
import { parseByteSize } from "./byte_size.ts";
import { describe, type Path, type Problems } from "./problem.ts";
import {
  A_KEEP_AGE,
  A_LIMIT,
  AN_AGE,
  knownKeys,
  nestedIn,
  type ParsedDefinition,
} from "./schema.ts";
import { isReservedSchema, parseTableName } from "./table_name.ts";
import { readAge, readKeepAge, readMaxErrors } from "./read_options.ts";

const A_TABLE = "a table such as customers or public.customers";
/**
 * Each worker holds a batch in memory, together with what it writes of it. All of that must fit
 * into the 2 GB that the kernel (src/kernel) can address.
 */
const MAX_BATCH_BYTES = 100_000_000;
const MAX_BATCH_ROWS = 1_000_000;

/**
 * `parsed` and `definition` are the same definition, before and after completion. `raw` is the data
 * as written, including the parts that made no sense.
 */
export function checkDefinition(
  raw: unknown,
  parsed: ParsedDefinition,
  definition: Definition,
  ownSchema: string,
  problems: Problems,
): void {
  if (parsed.table !== undefined) checkTable(parsed.table, ownSchema, problems);
  else if (!isMapping(raw) || raw.table === undefined) problems.missing(["table"], A_TABLE);
  // In a file, it has been replaced by what it names.
  if (parsed.extends !== undefined) {
    const sentence = "works in YAML and JSON only: in JavaScript, import what definitions share";
    problems.add(["extends"], { found: "extends", expected: "no such key", sentence });
  }
  checkTimeZone(parsed.time_zone, ["time_zone"], problems);
  checkTimeZone(parsed.source?.time_zone, ["source", "time_zone"], problems);
  checkSource(parsed.source ?? {}, problems);
  if (parsed.source?.when !== undefined) {
    const given = isMapping(raw) && isMapping(raw.source) ? raw.source.when : undefined;
    checkCondition(["source", "when"], given, parsed.source.when, problems);
  }
  checkOptions(parsed.options ?? {}, problems);
  checkHooks(parsed, problems);
  checkKey(raw, definition, problems);
  checkDuplicates(raw, parsed, definition, problems);
  checkPlaces(definition, problems);
  checkAbsent(parsed, definition, problems);
  const columns = Object.entries(parsed.columns ?? {});
  if (parsed.columns !== undefined && columns.length === 0 && !hasKeys(raw, "columns")) {
    const expected = "at least one column; leave out `columns` to match all columns by name";
    problems.wrong(["columns"], {}, expected);
  }
  const { file_name: template = "" } = definition.source;
  const fileWords = namesInTemplate(template);
  for (const [target, column] of columns) {
    const path = ["columns", target];
    if (target === "") problems.wrong(path, target, "a target column's name");
    if (typeof column === "object") {
      checkColumn(path, column, fileWords, problems);
      checkLookup(path, column, ownSchema, problems);
      if (column.when !== undefined) {
        const given = isMapping(raw) && isMapping(raw.columns) ? raw.columns[target] : undefined;
        const when = isMapping(given) ? given.when : undefined;
        checkCondition([...path, "when"], when, column.when, problems);
      }
    } else if (column === "") problems.wrong(path, column, "a source column's name");
  }
  const { undo = "off" } = parsed.options ?? {};
  const related = parsed.many !== undefined ? "many" : "nested";
  if (parsed[related] !== undefined && undo !== "off") {
    problems.add(["options", "undo"], {
      found: describe(undo),
      expected: "off",
      sentence: `can't be combined with \`${related}\`: rows of other tables can't be taken back ` +
        "yet, so its runs are never undone",
    });
  }
  for (const [index, nested] of (nestedIn(parsed) ?? []).entries()) {
    checkNested(["nested", index], nested, ownSchema, problems);
  }
  const { format = "auto" } = parsed.source ?? {};
  if (parsed.nested !== undefined && !["auto", "json", "ndjson"].includes(format)) {
    problems.add(["nested"], {
      found: `nested together with source.format: ${format}`,
      expected: "a source of JSON",
      sentence: `works with JSON and NDJSON only, and source.format is ${format}`,
    });
  }
  for (const [index, many] of (parsed.many ?? []).entries()) {
    checkMany(["many", index], many, ownSchema, problems);
  }
}

function checkTable(table: string, ownSchema: string, problems: Problems): void {
  const name = parseTableName(table);
  if (name === null) {
    problems.wrong(["table"], table, `${A_TABLE} (other names need double quotes)`);
  } else if (name.schema !== null && isReservedSchema(name.schema, ownSchema)) {
    const whose = name.schema === ownSchema ? "ingest's own" : "Postgres's own";
    problems.add(["table"], {
      found: describe(table),
      expected: "a table of your own",
      sentence: `${describe(table)} is one of ${whose} tables; an import can't write to it`,
    });
  }
}

/**
 * Only names: Postgres takes `+02:00` and `UTC+2` too, but by POSIX's rules, which count to the west.
 */
function checkTimeZone(
  zone: string | undefined,
  path: readonly string[],
  problems: Problems,
): void {
  if (zone === undefined || isZoneName(zone)) return;
  const known = ["UTC", ...Intl.supportedValuesOf("timeZone")];
  problems.wrong(path, zone, "a time zone such as Europe/Berlin or UTC", known);
}

function isZoneName(zone: string): boolean {
  if (!/^[a-z]/iu.test(zone)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function checkOptions(options: NonNullable<ParsedDefinition["options"]>, problems: Problems): void {
  const { batch_bytes: bytes, batch_rows: rows = 1, max_errors: maxErrors } = options;
  const { undo_for: undoFor } = options;
  if (rows > MAX_BATCH_ROWS) {
    problems.wrong(["options", "batch_rows"], rows, "a whole number from 1 to 1000000");
  }
  const size = bytes === undefined ? 1 : parseByteSize(bytes);
  if (size === null || size > MAX_BATCH_BYTES) {
    problems.wrong(["options", "batch_bytes"], bytes, "a size from 1 B to 100 MB, such as 1MB");
  }
  if (maxErrors !== undefined && maxErrors !== null && readMaxErrors(maxErrors) === null) {
    const expected = "a number of rows, a percentage up to 100%, or null";
    problems.wrong(["options", "max_errors"], maxErrors, expected);
  }
  if (undoFor !== undefined && readAge(undoFor) === null) {
    problems.wrong(["options", "undo_for"], undoFor, AN_AGE);
  }
  const gates = [options.hold_if ?? []].flat();
  for (const gate of gates) {
    if (readGate(gate) === null) problems.wrong(["options", "hold_if"], gate, A_GATE);
  }
  // In batches, rows are in the table before anybody could decide.
  if (options.transaction !== "run") {
    const beside = "transaction: run beside it";
    if (options.release === "manual") problems.wrong(["options", "release"], "manual", beside);
    if (gates.length > 0) problems.wrong(["options", "hold_if"], gates[0], beside);
  }
  const { max_failed_rows_logged: most = null } = options;
  if (most !== null && (most < 0 || !Number.isSafeInteger(most))) {
    problems.wrong(["options", "max_failed_rows_logged"], most, A_LIMIT);
  }
  for (const [what, age] of Object.entries(options.keep ?? {})) {
    if (age !== undefined && readKeepAge(age) === undefined) {
      problems.wrong(["options", "keep", what], age, A_KEEP_AGE);
    }
  }
}

function checkKey(raw: unknown, definition: Definition, problems: Problems): void {
  const names = isMapping(raw) ? mappedNames(raw.columns) : null;
  const written = isMapping(raw) ? raw.key : undefined;
  const [parent, entries] = isMapping(written)
    ? [["key", "columns"], written.columns]
    : [["key"], written];
  const single = !Array.isArray(entries);
  if (definition.key_where?.trim() === "") {
    problems.wrong(["key", "where"], "", "a condition such as deleted_at is null");
  }
  for (const [index, entry] of definition.key.entries()) {
    const path: Path = single ? parent : [...parent, index];
    if (definition.key.indexOf(entry) < index) {
      problems.add(path, {
        found: describe(entry),
        expected: "each column once",
        sentence: `${describe(entry)} is already in the key`,
      });
    } else if (entry === "") {
      problems.wrong(path, entry, "a column's name");
    } else if (names !== null && !names.has(entry) && definition.options.unmapped !== "auto") {
      problems.add(path, {
        found: describe(entry),
        expected: "a column that is mapped",
        suggestion: nearest(entry, names),
        sentence: `${describe(entry)} is neither a source nor a target column under \`columns\``,
      });
    }
  }
}

/**
 * The names that a key may use: targets and sources. Texts under unknown keys count as sources, or
 * one slip (`form: E-Mail`) would be reported twice. Null: there are no columns, so any name may
 * do.
 */
function mappedNames(columns: unknown): ReadonlySet<string> | null {
  if (!isMapping(columns)) return null;
  const names = new Set<string>();
  for (const [target, column] of Object.entries(columns)) {
    names.add(target);
    const known = knownKeys(["columns", target]);
    const sources = isMapping(column)
      ? Object.entries(column).flatMap(([key, value]) =>
        key === "from" || !known.includes(key) ? value : []
      )
      : [column];
    for (const source of sources) names.add(String(source));
  }
  return names;
}

function checkDuplicates(
  raw: unknown,
  parsed: ParsedDefinition,
  definition: Definition,
  problems: Problems,
): void {
  const { on_duplicate: onDuplicate, on_missing: onMissing } = parsed;
  if (!isMapping(raw) || raw.key === undefined) {
    const needy = [
      ["on_duplicate", onDuplicate, "fail"],
      ["on_missing", onMissing, "insert"],
    ] as const;
    for (const [name, value, harmless] of needy) {
      if (value === undefined || value === harmless) continue;
      problems.add([name], {
        found: `${value} without a key`,
        expected: "a key",
        sentence: `${value} needs a key; say which column identifies a row: key: [column]`,
      });
    }
  }
  checkKept(definition, problems);
  const { compare } = definition;
  const compared = isMapping(raw) && raw.compare !== undefined;
  if (onDuplicate === "update_if_newer" && !compared) {
    problems.missing(["compare"], "{source, target}, the columns that tell which row is newer");
  } else if (compare !== null && parsed.on_duplicate !== "update_if_newer" && knows(raw, parsed)) {
    problems.add(["compare"], {
      found: `on_duplicate ${definition.on_duplicate}`,
      expected: "on_duplicate: update_if_newer",
      sentence: "is used only with on_duplicate: update_if_newer",
    });
  }
}

/** `on_update: keep` makes sense where rows are updated, for the columns that an update writes. */
function checkKept(definition: Definition, problems: Problems): void {
  const { columns, on_duplicate, key } = definition;
  const keys = key.map((entry) => keyTarget(entry, columns ?? {}));
  for (const [target, { on_update }] of Object.entries(columns ?? {})) {
    if (on_update !== "keep") continue;
    const path = ["columns", target, "on_update"];
    if (keys.includes(target)) {
      problems.add(path, {
        found: "keep for a column of the key",
        expected: "a column that an update writes",
        sentence: `${describe(target)} is in the key, which no update changes`,
      });
    } else if (on_duplicate !== "update" && on_duplicate !== "update_if_newer") {
      problems.add(path, {
        found: `on_duplicate ${on_duplicate}`,
        expected: "on_duplicate: update or update_if_newer",
        sentence: `is used only with on_duplicate: update or update_if_newer`,
      });
    }
  }
}

/** Whether `on_duplicate` is as written, and was not left out because it made no sense. */
function knows(raw: unknown, parsed: ParsedDefinition): boolean {
  return isMapping(raw) && raw.on_duplicate === parsed.on_duplicate;
}

function hasKeys(raw: unknown, key: string): boolean {
  return isMapping(raw) && isMapping(raw[key]) && Object.keys(raw[key]).length > 0;
}
