/** From a value's text to what Postgres gets: its type and its checks. */
import type { ColumnRule, ValueType } from "../importer/definition.ts";
import type { ByteForm, HasByteForm } from "./byte_rule.ts";
import { DefinitionMismatch } from "./mismatch.ts";
import type { ColumnPlan } from "./column_plan.ts";
import { compileChecks } from "./compile_checks.ts";
import type { ProblemOf, ValueProblem } from "./value_problem.ts";
import { UnknownDateFormat } from "./types/date_format.ts";
import {
  catalogType,
  isNumber,
  isText,
  type Notation,
  PLAIN,
  takesAll,
  valueProgram,
} from "./types/value_type.ts";
import type { ValueProgram } from "./types/value_program.ts";

export interface Judge {
  /** What values are judged to be first; then, if that is another type, what the column holds. */
  readonly type: ValueType;
  /** What comes out; null: only Postgres knows. */
  readonly valueType: ValueType | null;
  /**
   * The canonical text; or null, and what is wrong was added to `problems`.
   * @param ours the text comes from the definition, which writes values plainly, whatever the file does
   */
  judge(text: string, ours: boolean, problems: ValueProblem[]): string | null;
  /** What `judge` does, in this order. */
  readonly steps: readonly HasByteForm[];
}

/** Throws DefinitionMismatch. */
export function compileJudge(plan: ColumnPlan, problemOf: ProblemOf): Judge {
  const { rule, column } = plan;
  const type = typeOf(plan);
  const program = guarded(plan, () => valueProgram(type, notationOf(rule)));
  const plain = valueProgram(type, PLAIN);
  const narrower = takesAll(column, type) ? null : valueProgram(catalogType(column), PLAIN);

  const notOfType = problemOf("type", program.expectation);
  const notOfColumn = narrower && problemOf("type", narrower.expectation);
  const checks = compileChecks({
    rule,
    column,
    isNumber: isNumber(type) || isNumber(catalogType(column)) || converts(rule, "number"),
    canonical: (text) => plain.parse(text) ?? program.parse(text),
    problemOf,
  });
  return {
    type,
    valueType: narrower !== null
      ? catalogType(column)
      : type === "text" && !isText(column)
      ? null
      : type,
    steps: [
      { bytes: ofType(program) },
      // What the first type writes is not what stands in the file.
      ...(narrower === null ? [] : [{ bytes: null }]),
      ...checks,
    ],
    judge(text, ours, problems) {
      const parsed = (ours ? plain.parse(text) : null) ?? program.parse(text);
      if (parsed === null) {
        problems.push(notOfType);
        return null;
      }
      const canonical = narrower === null ? parsed : narrower.parse(parsed);
      if (canonical === null) {
        if (notOfColumn !== null) problems.push(notOfColumn);
        return null;
      }
      const before = problems.length;
      for (const check of checks) {
        const problem = check.text(canonical, text);
        // A rule's own message, and two limits of one kind, would say the same thing twice.
        if (problem !== null && !problems.some((known) => known.message === problem.message)) {
          problems.push(problem);
        }
      }
      return problems.length === before ? canonical : null;
    },
  };
}

/** The values of a type that it would leave, or write, as the kernel does. */
function ofType({ bytes: value }: ValueProgram): ByteForm | null {
  return value === null ? null : (rule) => ({ ...rule, value });
}

function typeOf({ rule, column }: ColumnPlan): ValueType {
  const limited = rule.min !== null || rule.max !== null;
  // A text column whose values have limits holds numbers.
  const type = rule.type ?? (limited && isText(column) ? "numeric" : catalogType(column));
  if (limited && !isNumber(type) && !converts(rule, "number")) {
    throw new DefinitionMismatch(
      `Column ${column.name} has min or max, which are for numbers; it is of type ${type}.`,
    );
  }
  return type;
}

/** What a transform has converted is written plainly from then on. */
function notationOf(rule: ColumnRule): Notation {
  const number = converts(rule, "number") ? PLAIN : rule;
  const boolean = converts(rule, "boolean") ? PLAIN : rule;
  return {
    format: converts(rule, "date") ? PLAIN.format : rule.format,
    decimal: number.decimal,
    thousands: number.thousands,
    true: boolean.true,
    false: boolean.false,
  };
}

function converts(rule: ColumnRule, op: "number" | "date" | "boolean"): boolean {
  return rule.transform.some((transform) => transform.op === op);
}

function guarded<T>({ column }: ColumnPlan, compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof UnknownDateFormat)) throw error;
    throw new DefinitionMismatch(`Column ${column.name}: ${error.message}`);
  }
}
