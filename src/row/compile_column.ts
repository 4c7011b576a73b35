/** Compiles one column: its byte rule, if there is one, and the text path for all values. */
import type { RecordCursor } from "../source/record.ts";
import { type ByteRule, byteRule, type HasByteForm } from "./byte_rule.ts";
import type { NullWords } from "./clean.ts";
import type { ColumnPlan, PipelineContext } from "./column_plan.ts";
import { conditional } from "./conditional.ts";
import { compileLookup } from "./compile_lookup.ts";
import { compileJudge, type Judge } from "./judge.ts";
import { cutValue, type RowError } from "./outcome.ts";
import type { ColumnProgram } from "./pipeline.ts";
import { isOfRow } from "./constant.ts";
import { NO_RECORD } from "./no_record.ts";
import { compilePreparation } from "./prepare.ts";
import { problemsOf, ValueProblem } from "./value_problem.ts";
import { type RowWriter, ValueList } from "./row_writer.ts";
import { NotInMap } from "./transform.ts";
import { displayText } from "../source/display_text.ts";

/** Throws DefinitionMismatch. */
export function compileColumn(
  plan: ColumnPlan,
  nullValues: NullWords,
  context: PipelineContext,
): ColumnProgram {
  const { condition = null, unfilled, ...always } = plan;
  if (condition !== null) {
    return conditional(
      condition,
      compileColumn(always, nullValues, context),
      compileColumn({ ...always, ...unfilled }, nullValues, context),
    );
  }
  const { lookup = null } = plan.rule;
  return lookup === null
    ? compileValue(plan, nullValues, context).program
    : compileLookup(plan, lookup, nullValues, context, compileValue);
}

/** A column whose values are not looked up. `shown`: a record's value, for errors. */
function compileValue(
  plan: ColumnPlan,
  nullValues: NullWords,
  context: PipelineContext,
): { readonly program: ColumnProgram; readonly shown: (record: RecordCursor) => string } {
  const { rule, target } = plan;
  const column = plan.column.name;
  const problemOf = problemsOf(column, rule.message);
  const judge = compileJudge(plan, problemOf);
  const { valueType } = judge;
  const preparation = compilePreparation(plan, nullValues, context, problemOf);
  const missing = problemOf("required", "is required");
  const change = context.changeOf?.(target) ?? null;
  const mapped = rule.map !== null || rule.transform.some(({ op }) => op === "map");

  const problems: ValueProblem[] = [];
  const shown = (record: RecordCursor) => cutValue(displayText(preparation.raw(record)));

  function write(record: RecordCursor, out: RowWriter, errors: RowError[]): void {
    problems.length = 0;
    let value = preparation.value(record);
    let ours = mapped || rule.value !== null;
    if ((value === null || value instanceof NotInMap) && rule.default !== null) {
      value = rule.default;
      ours = true;
    }
    if (change !== null && !(value instanceof ValueProblem)) {
      const changed = change(record, value);
      value = changed.value === "" && nullValues.anywhere.includes("") ? null : changed.value;
      ours = changed.isPlain;
    }
    if (value instanceof ValueProblem) {
      problems.push(value);
    } else if (value !== null) {
      const canonical = judge.judge(value, ours, problems);
      if (canonical !== null) return out.text(canonical);
    } else if (plan.required) {
      problems.push(missing);
    } else {
      return out.null();
    }
    const ofFile = shown(record);
    for (const { code, message } of problems) errors.push({ code, message, column, value: ofFile });
  }

  const isConstant = context.isHooked !== true && plan.fields.length === 0 &&
    !(rule.value !== null && isOfRow(rule.value));
  const bytes = isConstant
    ? constant(write)
    : byteRule([...preparation.steps, missingValue(plan, judge), ...judge.steps]);
  return {
    program: {
      ...{ target, column: plan.column, fields: plan.fields, takesDefault: plan.takesDefault },
      ...{ valueType, bytes, write },
    },
    shown,
  };
}

/** A default is judged once. If it is wrong, it is an error of each row that needs it. */
function missingValue({ rule, required, takesDefault }: ColumnPlan, judge: Judge): HasByteForm {
  const passes = !required && !takesDefault;
  const constant = rule.default === null ? null : judge.judge(rule.default, true, []);
  const missing = constant !== null
    ? { constant }
    : passes && rule.default === null
    ? "null"
    : "text path";
  return { bytes: (before) => ({ ...before, missing }) };
}

/** The value that is the same for all rows. Null if it fails; then it fails for each row. */
function constant(write: ColumnProgram["write"]): ByteRule | null {
  const out = new ValueList();
  const errors: RowError[] = [];
  write(NO_RECORD, out, errors);
  return errors.length > 0 ? null : { kind: "constant", value: out.values[0] };
}
