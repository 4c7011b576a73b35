/**
 * Compiles a column whose values are looked up in another table. What the file says is read and
 * checked here, as a value of the column that it will be compared with; and so is what has been found,
 * as a value of the column that it goes into. A batch's own writer (run/process/lookup_writer.ts) does
 * the rest, with the database.
 */
import type { LookupTable, MatchedColumn } from "../load/catalog/lookup_table.ts";
import type { TableColumn } from "../load/catalog/table.ts";
import { type ColumnRule, DEFAULT_COLUMN } from "../importer/definition.ts";
import type { LookupRule } from "../importer/lookup_rule.ts";
import type { RecordCursor } from "../source/record.ts";
import type { NullWords } from "./clean.ts";
import type { ColumnPlan, PipelineContext } from "./column_plan.ts";
import { compileJudge } from "./judge.ts";
import { DefinitionMismatch } from "./mismatch.ts";
import type { RowError } from "./outcome.ts";
import type { ColumnProgram, LookupProblem, LookupProgram } from "./pipeline.ts";
import { type RowWriter, ValueList } from "./row_writer.ts";
import { type ProblemOf, problemsOf, type ValueProblem } from "./value_problem.ts";

/** Between the values of several columns, for people. */
const BETWEEN = ", ";

/**
 * `compileValue` compiles a column whose values are not looked up, and says how errors show its value.
 * Throws DefinitionMismatch.
 */
export function compileLookup(
  plan: ColumnPlan,
  lookup: LookupRule,
  nullValues: NullWords,
  context: PipelineContext,
  compileValue: (
    plan: ColumnPlan,
    nullValues: NullWords,
    context: PipelineContext,
  ) => { readonly program: ColumnProgram; readonly shown: (record: RecordCursor) => string },
): ColumnProgram {
  const { rule, column, target } = plan;
  const table = foundTable(plan);
  const { match, returns } = wholeTable(table, column);
  const problemOf = problemsOf(column.name, rule.message);
  const values = match.map(({ column: compared }, index) =>
    compileValue(
      {
        ...plan,
        column: { ...compared, name: column.name },
        fields: plan.fields.length === 0 ? [] : [plan.fields[match.length === 1 ? 0 : index]],
        // An empty value is not looked up. What it comes to, the column that is filled decides.
        required: false,
        takesDefault: false,
        rule: { ...rule, lookup: null },
      },
      nullValues,
      context,
    )
  );
  const judge = compileJudge({ ...plan, rule: DEFAULT_COLUMN }, problemOf);
  const missing = problemOf("required", "is required");
  const shown = (record: RecordCursor) => values.map((value) => value.shown(record)).join(BETWEEN);
  const error = (problem: LookupProblem, record: RecordCursor): RowError => ({
    ...problem,
    column: column.name,
    value: shown(record),
  });
  const list = new ValueList();

  function read(record: RecordCursor, errors: RowError[]): readonly (string | null)[] | null {
    const before = errors.length;
    list.truncate(0);
    for (const { program } of values) program.write(record, list, errors);
    if (errors.length > before) return null;
    if (list.values.some((value) => value !== null)) return list.values;
    if (plan.required) errors.push(error({ ...missing }, record));
    return null;
  }

  const program: LookupProgram = {
    table: {
      ...{ oid: table.oid, schema: table.schema, name: table.name },
      ...{ match, returns, where: lookup.where },
    },
    isTarget: table.isTarget,
    create: lookup.create,
    read,
    judgeFound(text) {
      if (text === null) return plan.required ? [{ ...missing }] : null;
      const problems: ValueProblem[] = [];
      return judge.judge(text, true, problems) ?? problems.map((problem) => ({ ...problem }));
    },
    ...wordsFor(table.name, match, rule, problemOf),
    error,
  };
  return {
    ...{ target, column, fields: plan.fields, takesDefault: plan.takesDefault },
    valueType: judge.valueType,
    bytes: null,
    lookup: program,
    /** What is looked up, for people. */
    write(record: RecordCursor, out: RowWriter, errors: RowError[]): void {
      const texts = read(record, errors);
      if (texts === null) out.null();
      else out.text(texts.filter((text) => text !== null).join(BETWEEN));
    },
  };
}

/** The rule's own message replaces them all. */
function wordsFor(
  table: string,
  match: readonly MatchedColumn[],
  { message }: ColumnRule,
  problemOf: ProblemOf,
): Pick<LookupProgram, "notFound" | "ambiguous" | "notComparable"> {
  const names = match.map(({ column }) => column.name).join(" and ");
  const types = match.map(({ column }) => column.domainOf ?? column.type).join(" and ");
  const say = (code: LookupProblem["code"], usual: string) => ({
    code,
    message: message === null ? usual : problemOf(code, "").message,
  });
  return {
    notFound: say("lookup", `No ${table} row has this ${names}.`),
    ambiguous: say("lookup_ambiguous", `Several ${table} rows have this ${names}.`),
    notComparable: { ...problemOf("type", `must be a valid ${types}`) },
  };
}

function foundTable({ lookup, column }: ColumnPlan): LookupTable {
  if (lookup !== undefined && !("missing" in lookup)) return lookup;
  throw new DefinitionMismatch(
    lookup === undefined
      ? `The look-up table of column ${column.name} was not read.`
      : `The values of column ${column.name} can't be looked up: ${lookup.missing}`,
  );
}

/** The definition was checked against the table before, so all of it is there. */
function wholeTable({ name, match, returns }: LookupTable, { name: column }: TableColumn) {
  const compared: MatchedColumn[] = match.filter((each) => each !== null);
  if (returns !== null && compared.length === match.length) return { match: compared, returns };
  throw new DefinitionMismatch(`The table ${name} lacks a column that ${column} is looked up by.`);
}
