/** Compiles one column: the byte path for values as most files have them, the text path for all. */
import type { RecordCursor } from "../source/record.ts";
import { FIELD_DOUBLED_QUOTES, FIELD_NOT_ASCII } from "../source/record.ts";
import { compileByteCopy } from "./byte_path.ts";
import type { ColumnPlan, PipelineContext } from "./column_plan.ts";
import type { CopyWriter } from "./copy_writer.ts";
import { displayText } from "./display.ts";
import { compileJudge } from "./judge.ts";
import { MAX_VALUE_LENGTH, type RowError } from "./outcome.ts";
import type { ColumnProgram } from "./pipeline.ts";
import { compilePreparation } from "./prepare.ts";
import { Problem, problemsOf } from "./problem.ts";
import { NotInMap } from "./transform.ts";

/** Throws DefinitionMismatch. */
export function compileColumn(
  plan: ColumnPlan,
  nullValues: readonly string[],
  context: PipelineContext,
): ColumnProgram {
  const { rule, target } = plan;
  const column = plan.column.name;
  const problemOf = problemsOf(column, rule.message);
  const judge = compileJudge(plan, problemOf);
  const { valueType } = judge;
  const preparation = compilePreparation(plan, new Set(nullValues), context, problemOf);
  const missing = problemOf("required", "is required");
  const mapped = rule.map !== null || rule.transform.some(({ op }) => op === "map");

  const problems: Problem[] = [];

  function writeText(record: RecordCursor, out: CopyWriter, errors: RowError[]): void {
    problems.length = 0;
    let value = preparation.value(record);
    let ours = mapped || rule.value !== null;
    if ((value === null || value instanceof NotInMap) && rule.default !== null) {
      value = rule.default;
      ours = true;
    }
    if (value instanceof Problem) {
      problems.push(value);
    } else if (value !== null) {
      const canonical = judge.judge(value, ours, problems);
      if (canonical !== null) return out.text(canonical);
    } else if (plan.required) {
      problems.push(missing);
    } else {
      return out.null();
    }
    const shown = cut(displayText(preparation.raw(record)));
    for (const { code, message } of problems) errors.push({ code, message, column, value: shown });
  }

  const copy = compileByteCopy(plan, judge, nullValues);
  if (copy === null) return { target, valueType, write: writeText };
  const [field] = plan.fields;
  const unusual = copy.asciiOnly ? FIELD_DOUBLED_QUOTES | FIELD_NOT_ASCII : FIELD_DOUBLED_QUOTES;
  return {
    target,
    valueType,
    write(record, out, errors) {
      const done = (record.fieldFlags[field] & unusual) === 0 &&
        copy.write(record.bytes, record.fieldStart[field], record.fieldEnd[field], out);
      if (!done) writeText(record, out, errors);
    },
  };
}

/** By code points, so that no half of a pair is left over. */
function cut(text: string): string {
  if (text.length <= MAX_VALUE_LENGTH) return text;
  return Array.from(text.slice(0, 2 * MAX_VALUE_LENGTH)).slice(0, MAX_VALUE_LENGTH).join("");
}
