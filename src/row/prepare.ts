/** From a record to one column's text: its source, null values, trimming, map and transforms. */
import type { ColumnRule } from "../importer/definition.ts";
import type { RecordCursor } from "../source/record.ts";
import type { ColumnPlan, PipelineContext } from "./column_plan.ts";
import type { ProblemOf } from "./problem.ts";
import { mapStep, sequence, type Step, transformStep, type Value } from "./transform.ts";

export interface Preparation {
  /** The column's text, null, or a problem of a step. */
  readonly value: (record: RecordCursor) => Value;
  /** What the file says, for people. */
  readonly raw: (record: RecordCursor) => string;
}

/** Throws DefinitionMismatch. */
export function compilePreparation(
  plan: ColumnPlan,
  nullValues: ReadonlySet<string>,
  context: PipelineContext,
  problemOf: ProblemOf,
): Preparation {
  const { rule, fields } = plan;
  const steps = stepsOf(plan, nullValues.has(""), problemOf);
  const clean = cleaner(nullValues, rule.trim);

  if (rule.value !== null) {
    const constant = template(rule.value, context);
    return {
      value: (record) => steps(constant(record)),
      raw: (record) => constant(record) ?? "",
    };
  }
  if (fields.length === 0) return { value: () => steps(null), raw: () => "" };
  const separator = joinedBy(rule);
  if (separator === null) {
    const [field] = fields;
    return {
      value: (record) => steps(clean(record.text(field))),
      raw: (record) => record.text(field),
    };
  }
  return {
    value(record) {
      let text: string | null = null;
      for (const field of fields) {
        const part = clean(record.text(field));
        if (part !== null) text = text === null ? part : text + separator + part;
      }
      return steps(text);
    },
    raw: (record) => fields.map((field) => record.text(field)).join(separator),
  };
}

/** What stands between the values of several source columns; null if there is one column. */
export function joinedBy(rule: ColumnRule): string | null {
  const transform = rule.transform.find(({ op }) => op === "concat");
  return rule.concat ?? (transform?.op === "concat" ? transform.by : null);
}

/** Joining makes one value of several, so it comes before them all, wherever it is written. */
function stepsOf({ rule, column }: ColumnPlan, emptyIsNull: boolean, problemOf: ProblemOf): Step {
  const steps = rule.map === null ? [] : [mapStep(rule.map, problemOf)];
  for (const transform of rule.transform) {
    if (transform.op !== "concat") {
      steps.push(transformStep(transform, rule, column, problemOf));
    }
  }
  return sequence(steps, emptyIsNull);
}

function cleaner(nullValues: ReadonlySet<string>, trim: boolean) {
  // Hashing every text for the look-up would cost more than everything else here.
  const longest = Math.max(-1, ...Array.from(nullValues, (text) => text.length));
  return (text: string): string | null => {
    if (text.length <= longest && nullValues.has(text)) return null;
    if (!trim) return text;
    const trimmed = text.trim();
    return trimmed.length <= longest && nullValues.has(trimmed) ? null : trimmed;
  };
}

/** Compiles a constant. `${run.user}` alone is null for a run that nobody is named for. */
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
