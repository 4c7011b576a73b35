/** Checks whether the parts of a definition fit together. */
import { namesInTemplate } from "../file_name.ts";
import type { Definition } from "../definition.ts";
import { checkAbsent } from "./check_absent.ts";
import { checkColumn } from "./check_column.ts";
import { checkCondition } from "../condition/check.ts";
import { checkPlaces } from "../condition/check_places.ts";
import { checkHooks } from "./check_hooks.ts";
import { checkLookup } from "./check_lookup.ts";
import { checkSource } from "./check_source.ts";
import { isMapping } from "../issues.ts";
import { describe, type Problems } from "../problem.ts";
import { type ParsedDefinition } from "../schema.ts";
import { isReservedSchema, parseTableName } from "../table_name.ts";
import { checkOptions } from "./check_options.ts";
import { checkDuplicates, checkKey } from "./check_key.ts";
import { checkRelated } from "../related/check_related.ts";

const A_TABLE = "a table such as customers or public.customers";
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
  else if (!isMapping(raw) || (raw.table === undefined && raw.tables === undefined)) {
    problems.missing(["table"], A_TABLE);
  }
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
  checkRelated(parsed, ownSchema, problems);
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

function hasKeys(raw: unknown, key: string): boolean {
  return isMapping(raw) && isMapping(raw[key]) && Object.keys(raw[key]).length > 0;
}
