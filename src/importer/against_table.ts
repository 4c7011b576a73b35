import { kindsOf, reportFormats } from "./report_formats.ts";
import { formatMistake, hasTime } from "./date_format.ts";
import type { ColumnRule, Definition, ValueType } from "./definition.ts";
import type { Table, TableColumn } from "../load/catalog/table.ts";
import { mappedRules } from "./column_mapping.ts";
import { warnOfUnfilled } from "./condition/check_places.ts";
import { checkAbsentRows } from "./absent_against_table.ts";
import { findNamed } from "./cut_name.ts";
import { checkGates } from "./gates_against_table.ts";
import { keyTarget } from "./key.ts";
import { keyPredicate, onlyPredicate } from "./key_predicate.ts";
import { checkLookupTable } from "./lookups_against_tables.ts";
import { checkChildren } from "./related/children_against_tables.ts";
import { checkLinks } from "./related/links_against_tables.ts";
import { fits } from "./type_fits.ts";
import { nearest } from "./nearest.ts";
import { describe, type Origin, type Path, type Problem, Problems } from "./problem.ts";

export interface TableFindings {
  /** With these, a run would fail. */
  readonly problems: readonly Problem[];
  /** Worth knowing, but a run can work. */
  readonly warnings: readonly Problem[];
}

/**
 * Compares a definition with the table that it loads into. `origin`: the definition's file and
 * positions. A run's snapshot has none.
 */
export function checkAgainstTable(
  definition: Definition,
  table: Table,
  origin: Origin = { file: `importer ${definition.slug}`, positions: new Map() },
): TableFindings {
  const problems = new Problems(origin);
  const warnings = new Problems(origin);
  compareWithTable(definition, table, problems, warnings);
  checkIdentity(definition, table, warnings);
  return { problems: problems.list, warnings: warnings.list };
}

/** The same for whoever collects problems already. */
function compareWithTable(
  definition: Definition,
  table: Table,
  problems: Problems,
  warnings: Problems,
): void {
  const columns = new Map(table.columns.map((column) => [column.name, column]));
  if (definition.columns === null) {
    checkUnmappedKey(definition, table, problems);
  } else {
    const keys = definition.key.map((entry) => keyTarget(entry, definition.columns ?? {}));
    for (const [target, rule] of Object.entries(definition.columns)) {
      const column = columns.get(target);
      const lookup = rule.lookup ?? null;
      checkTarget(target, table, column, problems);
      if (column === undefined) continue;
      warnOfUnfilled(target, rule, table, warnings);
      if (lookup === null) {
        checkType(target, rule, column, problems);
        checkFormats(target, rule, column, problems, warnings);
      } else {
        const found = table.lookups?.[target];
        checkLookupTable(["columns", target, "lookup"], target, lookup, found, problems, warnings);
        // What the file says is of the type of the column that it is compared with.
        const compared = found !== undefined && "match" in found ? found.match.at(0) : null;
        if (compared) {
          checkType(target, rule, compared.column, problems);
          checkFormats(target, rule, compared.column, problems, warnings);
        }
      }
      if (rule.empty === "default" && !column.hasDefault) {
        problems.add(["columns", target, "empty"], {
          found: "a column without a DEFAULT",
          expected: "a column with one",
          sentence: `${target} has no DEFAULT in the table`,
        });
      }
      // Whether a key's numbers are kept or only compared follows from the rest.
      const isSaid = (definition.identity ?? null) !== null || keys.includes(target);
      if (column.identity !== "always" || isSaid) continue;
      problems.add(["columns", target], {
        found: "a column that Postgres numbers itself",
        expected: "identity: keep or identity: generate",
        sentence: mustSayIdentity(target),
      });
    }
    checkMissing(definition, mappedRules(definition), table, problems, warnings);
  }
  for (const [index, many] of (definition.many ?? []).entries()) {
    checkLinks(["many", index], many, table, table.related?.[index], problems, warnings);
  }
  for (const [index, nested] of (definition.nested ?? []).entries()) {
    const [found, path] = [table.children?.[index], ["nested", index]];
    const inner = checkChildren(path, nested, definition, table, found, problems);
    if (inner === null) continue;
    const [child, its] = inner;
    compareWithTable(child, its, problems.within(path), warnings.within(path));
  }
  checkGates(definition, table, problems);
  checkKeyCondition(definition, table, problems, warnings);
  checkAbsentRows(definition, table, problems, warnings);
  const target = definition.compare?.target;
  if (target !== undefined && !columns.has(target)) {
    noColumn(["compare", "target"], target, table, problems);
  }
}

function checkTarget(
  target: string,
  table: Table,
  column: TableColumn | undefined,
  problems: Problems,
): void {
  const path = ["columns", target];
  if (column === undefined) {
    noColumn(path, target, table, problems);
  } else if (column.readonly) {
    problems.add(path, {
      found: "a column that Postgres fills itself",
      expected: "a column that can be written to",
      sentence: `Postgres fills ${target} itself (generated always); leave it out`,
    });
  }
}

/** `column`: where the values go, or with what they are compared. */
function checkType(target: string, rule: ColumnRule, column: TableColumn, problems: Problems) {
  if (rule.type === null || fits(rule.type, column)) return;
  const name = (rule.lookup ?? null) === null ? target : column.name;
  problems.add(["columns", target, "type"], {
    found: `type ${rule.type}`,
    expected: `a type that ${column.type} can hold`,
    sentence: `${rule.type} can't go into ${name}, which is ${column.type}`,
  });
}

/** The types of columns whose values a `format` can be for. */
const TEMPORAL: Readonly<Record<string, ValueType>> = {
  date: "date",
  timestamp: "timestamp",
  timestamptz: "timestamp",
  time: "time",
};

function checkFormats(
  target: string,
  rule: ColumnRule,
  column: TableColumn,
  problems: Problems,
  warnings: Problems,
): void {
  if (rule.format.length === 0) return;
  const path = ["columns", target];
  const type = rule.type ?? TEMPORAL[column.baseType] ?? null;
  const converts = rule.transform.some(({ op }) => op === "date");
  if (type === null && !converts) {
    warnings.add([...path, "format"], {
      found: `a format for ${column.type}`,
      expected: "`type`",
      sentence: `changes nothing: ${target} is ${column.type}. Say what the file has, such as ` +
        "`type: date`",
    });
    return;
  }
  reportFormats(path, rule.format, kindsOf(type, converts), problems);
  if (type !== "date" || converts) return;
  const timed = rule.format.find((one) => hasTime(one) && formatMistake(one, [type]) === null);
  if (timed === undefined) return;
  warnings.add([...path, "format"], {
    found: describe(timed),
    expected: "a format for a date",
    sentence: `the time of day in ${describe(timed)} is dropped, because ${target} is a date`,
  });
}

/** What a definition has to say that fills such a column. */
export function mustSayIdentity(target: string): string {
  return `Postgres numbers ${target} itself (generated always as identity): say identity: keep ` +
    "to keep the file's numbers, or identity: generate for new ones";
}

/** Compares the key's condition with those of the table's unique indexes. */
function checkKeyCondition(
  { key, key_where: where = null, columns }: Definition,
  table: Table,
  problems: Problems,
  warnings: Problems,
): void {
  const named = key.map((entry) => {
    const target = columns === null ? null : keyTarget(entry, columns);
    return target ?? findNamed(table.columns, entry)?.name ?? null;
  });
  const names = named.filter((name) => name !== null);
  if (names.length === 0 || names.length < key.length) return;
  if (where !== null) {
    const found = keyPredicate(table, names, where);
    if ("predicate" in found) return;
    problems.add(["key", "where"], {
      found: describe(where),
      expected: "the condition of a unique index on the key",
      sentence: found.sentence,
    });
    return;
  }
  const only = onlyPredicate(table, names);
  if (only === null) return;
  warnings.add(["key"], {
    found: key.join(", "),
    expected: "a key with the condition of its unique index",
    sentence:
      `is unique only among rows where ${only}. Other rows with the key count, too, unless ` +
      "the key is a mapping {columns, where} with this condition",
  });
}

function checkIdentity(definition: Definition, table: Table, warnings: Problems): void {
  const said = definition.identity ?? null;
  const isNumbered = ({ identity, sequence }: TableColumn) =>
    identity !== null || (said === "generate" && sequence !== null);
  if (said === null || table.columns.some(isNumbered)) return;
  warnings.add(["identity"], {
    found: describe(said),
    expected: "a column that Postgres numbers",
    sentence: `${table.name} has no column that Postgres numbers, so this changes nothing`,
  });
}

/** Without `columns`, a key names source columns. They match target columns by normalised name. */
function checkUnmappedKey(definition: Definition, table: Table, problems: Problems): void {
  for (const [index, entry] of definition.key.entries()) {
    const column = findNamed(table.columns, entry);
    const path: Path = definition.key.length === 1 ? ["key"] : ["key", index];
    if (column === undefined) noColumn(path, entry, table, problems);
    else if (column.readonly) {
      problems.add(path, {
        found: "a column that Postgres fills itself",
        expected: "a column that can be written to",
        sentence: `Postgres fills ${column.name} itself (generated always); it can't be the key`,
      });
    }
  }
}

/** Reports NOT NULL columns without a default that nothing fills. */
function checkMissing(
  definition: Definition,
  mapped: Readonly<Record<string, ColumnRule>>,
  table: Table,
  problems: Problems,
  warnings: Problems,
): void {
  if (definition.on_missing !== "insert") return;
  const updates = definition.on_duplicate === "update" ||
    definition.on_duplicate === "update_if_newer";
  // With `unmapped: auto`, it depends on the file, which has not been read yet.
  const fatal = !updates && !table.hasBeforeInsertTriggers &&
    definition.options.unmapped !== "auto";
  for (const column of table.columns) {
    if (!column.notNull || column.hasDefault || column.readonly) continue;
    if (Object.hasOwn(mapped, column.name)) continue;
    const consequence = fatal
      ? "no row can be inserted"
      : table.hasBeforeInsertTriggers
      ? "rows will fail unless a trigger fills it"
      : updates
      ? "existing rows can be updated, but new ones will fail"
      : "a file without it will fail";
    (fatal ? problems : warnings).add(["columns"], {
      found: `nothing for ${column.name}`,
      expected: `a source for ${column.name}`,
      sentence: `nothing fills ${column.name}, which is NOT NULL without a default: ${consequence}`,
    });
  }
}

function noColumn(path: Path, name: string, table: Table, problems: Problems): void {
  const names = table.columns.map((column) => column.name);
  const suggestion = nearest(name, names);
  const tableName = `${table.schema}.${table.name}`;
  const has = suggestion === null ? `; it has ${names.join(", ")}` : "";
  problems.add(path, {
    found: describe(name),
    expected: `a column of ${tableName}`,
    suggestion,
    wanted: name,
    sentence: `the table ${tableName} has no column ${describe(name)}${has}`,
  });
}
