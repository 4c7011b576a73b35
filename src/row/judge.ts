/** Judges a value's text by its type and its checks, and returns the text that Postgres gets. */
import type { ColumnRule, ValueType } from "../importer/definition.ts";
import { type ByteForm, byteStep, type HasByteForm } from "./byte_rule.ts";
import { DefinitionMismatch } from "./mismatch.ts";
import type { ColumnPlan } from "./column_plan.ts";
import { compileChecks } from "./compile_checks.ts";
import type { ProblemOf, ValueProblem } from "./value_problem.ts";
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
  /** The type of the resulting values; null if only Postgres knows. */
  readonly valueType: ValueType | null;
  /**
   * Returns the canonical text. If something is wrong, adds it to `problems` and returns null.
   * @param ours the text comes from the definition, which uses plain notation, whatever the file's
   */
  judge(text: string, ours: boolean, problems: ValueProblem[]): string | null;
  /** The steps of `judge`, in order. */
  readonly steps: readonly HasByteForm[];
}

/** Throws DefinitionMismatch. */
export function compileJudge(plan: ColumnPlan, problemOf: ProblemOf): Judge {
  const { rule, column } = plan;
  const type = typeOf(plan);
  const program = valueProgram(type, notationOf(rule), column);
  const plain = valueProgram(type, PLAIN, column);
  const narrower = takesAll(column, type) ? null : valueProgram(catalogType(column), PLAIN, column);

  const notOfType = problemOf("type", program.expectation);
  const notOfColumn = narrower && problemOf("type", narrower.expectation);
  const checks = compileChecks({
    rule,
    column,
    isNumber: isNumber(type) || converts(rule, "number") ||
      (type !== "text" && isNumber(catalogType(column))),
    canonical: (text) => plain.parse(text) ?? program.parse(text),
    problemOf,
  });
  return {
    valueType: narrower !== null
      ? catalogType(column)
      : type === "text" && !isText(column)
      ? null
      : type,
    steps: [
      ...(narrower === null ? [] : [{ bytes: converted(program, rule) }]),
      { bytes: ofType(narrower ?? program) },
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
        // With a rule's own message, or two limits of one kind, two problems can read the same.
        if (problem !== null && !problems.some((known) => known.message === problem.message)) {
          problems.push(problem);
        }
      }
      return problems.length === before ? canonical : null;
    },
  };
}

/** The values of a type that the kernel writes exactly as the type's program does. */
function ofType({ bytes: value }: ValueProgram): ByteForm | null {
  return value === null ? null : (rule) => ({ ...rule, value });
}

/**
 * The values of the first of two types, as the text that the second one reads. The checks that
 * compare the text before would get this one.
 */
function converted({ bytes: value }: ValueProgram, rule: ColumnRule): ByteForm | null {
  const { min_length, max_length, pattern } = rule;
  const comparesText = min_length !== null || max_length !== null || pattern !== null;
  return value === null || comparesText ? null : byteStep({ op: "convert", value });
}

function typeOf({ rule, column }: ColumnPlan): ValueType {
  const limited = rule.min !== null || rule.max !== null;
  // If a text column's values have limits, they are numbers.
  const type = rule.type ?? (limited && isText(column) ? "numeric" : catalogType(column));
  if (limited && !isNumber(type) && !converts(rule, "number")) {
    throw new DefinitionMismatch(
      `Column ${column.name} has min or max, which are for numbers; it is of type ${type}.`,
    );
  }
  return type;
}

/** After a transform has converted a value, it is in plain notation. */
function notationOf(rule: ColumnRule): Notation {
  const number = converts(rule, "number") ? PLAIN : rule;
  const boolean = converts(rule, "boolean") ? PLAIN : rule;
  return {
    format: converts(rule, "date") ? PLAIN.format : rule.format,
    decimal: number.decimal,
    thousands: number.thousands,
    accept: number.accept,
    true: boolean.true,
    false: boolean.false,
  };
}

function converts(rule: ColumnRule, op: "number" | "date" | "boolean"): boolean {
  return rule.transform.some((transform) => transform.op === op);
}
