/** Compares what a definition says of a column with the column of the table. */
import { kindsOf, reportFormats } from "../report_formats.ts";
import { formatMistake, hasTime } from "../date_format.ts";
import type { ColumnRule, ValueType } from "../definition.ts";
import type { Table, TableColumn } from "../../load/catalog/table.ts";
import { warnOfUnfilled } from "../condition/check_places.ts";
import { checkLookupTable } from "./lookups_against_tables.ts";
import { fits } from "./type_fits.ts";
import { describe, Problems } from "../problem.ts";
import { noColumn } from "./no_column.ts";

/** `target`: the column that the rule fills. */
export function checkColumnAgainst(
  table: Table,
  target: string,
  rule: ColumnRule,
  problems: Problems,
  warnings: Problems,
): void {
  const column = table.columns.find(({ name }) => name === target);
  const lookup = rule.lookup ?? null;
  checkTarget(target, table, column, problems);
  if (column === undefined) return;
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
