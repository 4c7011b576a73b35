/** Finds constants and defaults that their columns can't hold, before a row fails for them. */
import { wordsIn } from "../importer/constant_words.ts";
import type { ColumnRule, Definition, NestedRule } from "../importer/definition.ts";
import { describe, type Origin, type Path, type Problem, Problems } from "../importer/problem.ts";
import type { Table, TableColumn } from "../load/catalog/table.ts";
import { compileJudge } from "./judge.ts";
import { DefinitionMismatch } from "./mismatch.ts";
import { compileColumn } from "./compile_column.ts";
import { NO_RECORD } from "./no_record.ts";
import type { RowError } from "./outcome.ts";
import { ValueList } from "./row_writer.ts";
import { problemsOf, type ValueProblem } from "./value_problem.ts";

export interface ConstantFindings {
  /** Each row would fail. */
  readonly problems: readonly Problem[];
  /** Rows would for which a condition holds, or which have no value. */
  readonly warnings: readonly Problem[];
}

/** What only Postgres can judge, and what functions of hooks may change, is left alone. */
export function checkConstants(
  definition: Definition,
  table: Table,
  origin: Origin,
): ConstantFindings {
  const problems = new Problems(origin);
  const warnings = new Problems(origin);
  if (definition.hooks === undefined) checkColumns([], definition, table, problems, warnings);
  return { problems: problems.list, warnings: warnings.list };
}

function checkColumns(
  path: Path,
  { columns, nested = [] }: Pick<Definition | NestedRule, "columns" | "nested">,
  table: Table,
  problems: Problems,
  warnings: Problems,
): void {
  for (const [target, rule] of Object.entries(columns ?? {})) {
    const column = comparedColumn(table, target, rule);
    if (column === null) continue;
    const at = [...path, "columns", target];
    const told = (rule.when ?? null) === null ? problems : warnings;
    tell(told, [...at, "value"], rule.value, whyWrongValue(rule, column));
    tell(warnings, [...at, "default"], rule.default, whyWrongDefault(rule, column));
  }
  for (const [index, child] of nested.entries()) {
    const found = table.children?.[index];
    if (found === undefined || "missing" in found) continue;
    checkColumns([...path, "nested", index], child, found.table, problems, warnings);
  }
}

/** Of which the value has to be one: the column that is filled, or the one in which it is looked up. */
function comparedColumn(table: Table, target: string, rule: ColumnRule): TableColumn | null {
  if ((rule.lookup ?? null) === null) {
    return table.columns.find(({ name }) => name === target) ?? null;
  }
  const found = table.lookups?.[target];
  return found !== undefined && "match" in found ? found.match.at(0)?.column ?? null : null;
}

function tell(to: Problems, path: Path, value: string | null, message: string | null): void {
  if (value === null || message === null) return;
  to.add(path, {
    found: describe(value),
    expected: "a value of the column",
    sentence: `found ${describe(value)}: ${message.replace(/\.$/u, "")}`,
  });
}

/** Null: nothing is wrong, or it depends on the run or the row. */
function whyWrongValue(rule: ColumnRule, column: TableColumn): string | null {
  if (rule.value === null || wordsIn(rule.value).length > 0) return null;
  const { when: _, lookup: _lookup, ...always } = rule;
  const errors: RowError[] = [];
  const { write } = compileColumn(
    { ...planOf(always, column), required: false, takesDefault: false },
    { anywhere: [""], unquoted: [] },
    { runId: 0, user: null },
  );
  write(NO_RECORD, new ValueList(), errors);
  return errors.at(0)?.message ?? null;
}

function whyWrongDefault(rule: ColumnRule, column: TableColumn): string | null {
  if (rule.default === null) return null;
  const problems: ValueProblem[] = [];
  try {
    const plan = { ...planOf(rule, column), required: false, takesDefault: false };
    compileJudge(plan, problemsOf(column.name, rule.message)).judge(rule.default, true, problems);
  } catch (error) {
    // What doesn't fit at all is told by others.
    if (error instanceof DefinitionMismatch) return null;
    throw error;
  }
  return problems.at(0)?.message ?? null;
}

function planOf(rule: ColumnRule, column: TableColumn) {
  return { target: column.name, column, rule, fields: [] };
}
