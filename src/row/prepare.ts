/** Gets one column's text from a record: its source, null words, trimming, map and transforms. */
import type { ColumnRule } from "../importer/definition.ts";
import type { RecordCursor } from "../source/record.ts";
import type { HasByteForm } from "./byte_rule.ts";
import { cleaning, nullWords, trimming } from "./clean.ts";
import type { ColumnPlan, PipelineContext } from "./column_plan.ts";
import type { ProblemOf } from "./value_problem.ts";
import { inOrder, type Value } from "./step.ts";
import { mapStep, transformStep } from "./transform.ts";

export interface Preparation {
  /** The column's text, null, or the problem that a step found. */
  readonly value: (record: RecordCursor) => Value;
  /** The file's own text, for people. */
  readonly raw: (record: RecordCursor) => string;
  /** The steps of `value`, in order. */
  readonly steps: readonly HasByteForm[];
}

/** Throws DefinitionMismatch. */
export function compilePreparation(
  plan: ColumnPlan,
  nullValues: readonly string[],
  context: PipelineContext,
  problemOf: ProblemOf,
): Preparation {
  const source = compileSource(plan, nullValues, context);
  const steps = valueSteps(plan, problemOf);
  const change = inOrder(steps, nullValues.includes(""));
  return {
    value: (record) => change(source.text(record)),
    raw: source.raw,
    steps: [...source.steps, ...steps],
  };
}

/** The separator between the values of several source columns; null if there is one column. */
export function joinedBy(rule: ColumnRule): string | null {
  const transform = rule.transform.find(({ op }) => op === "concat");
  return rule.concat ?? (transform?.op === "concat" ? transform.by : null);
}

interface Source {
  readonly text: (record: RecordCursor) => string | null;
  readonly raw: (record: RecordCursor) => string;
  readonly steps: readonly HasByteForm[];
}

function compileSource(
  { rule, fields }: ColumnPlan,
  nullValues: readonly string[],
  context: PipelineContext,
): Source {
  if (rule.value !== null) {
    const constant = template(rule.value, context);
    return {
      text: constant,
      raw: (record) => constant(record) ?? "",
      steps: [{ bytes: null }],
    };
  }
  if (fields.length === 0) return { text: () => null, raw: () => "", steps: [{ bytes: null }] };
  const nulls = nullWords(nullValues);
  const cleaningSteps = rule.trim ? [nulls, trimming(nulls)] : [nulls];
  const clean = cleaning(cleaningSteps);
  const separator = joinedBy(rule);
  if (separator !== null) return joined(fields, separator, clean);
  const [field] = fields;
  return {
    text: (record) => clean(record.text(field)),
    raw: (record) => record.text(field),
    steps: [{ bytes: (rule) => ({ ...rule, field }) }, ...cleaningSteps],
  };
}

/** Joins the values that are not null, each cleaned by itself. */
function joined(
  fields: readonly number[],
  separator: string,
  clean: (text: string) => string | null,
): Source {
  return {
    text(record) {
      let text: string | null = null;
      for (const field of fields) {
        const part = clean(record.text(field));
        if (part !== null) text = text === null ? part : text + separator + part;
      }
      return text;
    },
    raw: (record) => fields.map((field) => record.text(field)).join(separator),
    steps: [{ bytes: null }],
  };
}

/** `concat` makes one value of several, so it comes before all steps, wherever it is written. */
function valueSteps({ rule, column }: ColumnPlan, problemOf: ProblemOf) {
  const steps = rule.map === null ? [] : [mapStep(rule.map, problemOf)];
  for (const transform of rule.transform) {
    if (transform.op !== "concat") {
      steps.push(transformStep(transform, rule, column, problemOf));
    }
  }
  return steps;
}

/** Compiles a constant. `${run.user}` alone is null for a run without a user. */
function template(
  text: string,
  { runId, user }: PipelineContext,
): (record: RecordCursor) => string | null {
  if (text === "${run.user}") return () => user;
  const known = text.replaceAll("${run.id}", () => String(runId))
    .replaceAll("${run.user}", () => user ?? "");
  const parts = known.split("${row.number}");
  return parts.length === 1 ? () => known : (record) => parts.join(String(record.row));
}
