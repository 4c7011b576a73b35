/** The steps between a field's text and the text whose type is judged. */
import type { ColumnRule, Transform, ValueType } from "../importer/definition.ts";
import type { TableColumn } from "../load/table.ts";
import { oneOf, regularExpression } from "./check.ts";
import { Problem, type ProblemOf } from "./problem.ts";
import { catalogType, type Notation, valueProgram } from "./types/value_type.ts";

/** A text, nothing, or why there is neither. */
export type Value = string | null | Problem;
export type Step = (value: string | null) => Value;

/** Outside `map`, and no default to fall back on. */
export class NotInMap extends Problem {}

const NO_BOUNDS = { lowest: -Infinity, highest: Infinity };

/** Applies steps in order; a problem ends it. An empty text is null again if `emptyIsNull`. */
export function sequence(steps: readonly Step[], emptyIsNull: boolean): Step {
  if (steps.length === 0) return (value) => value;
  return (start) => {
    let value = start;
    for (const step of steps) {
      const next = step(value);
      if (next instanceof Problem) return next;
      value = next === "" && emptyIsNull ? null : next;
    }
    return value;
  };
}

/** `map`: exactly these texts; what it gives for a text may be null. */
export function mapStep(
  values: Readonly<Record<string, string | null>>,
  problemOf: ProblemOf,
): Step {
  const known = new Map(Object.entries(values));
  const { code, message } = problemOf("one_of", oneOf([...known.keys()]));
  const unknown = new NotInMap(code, message);
  return present((text) => {
    const found = known.get(text);
    return found === undefined ? unknown : found;
  });
}

/**
 * Throws DefinitionMismatch for a bad regular expression. `concat` is no step over one value.
 */
export function transformStep(
  transform: Exclude<Transform, { op: "concat" }>,
  rule: ColumnRule,
  column: TableColumn,
  problemOf: ProblemOf,
): Step {
  switch (transform.op) {
    case "trim":
      return present((text) => text.trim());
    case "squish":
      return present((text) => text.trim().replace(/\s+/gu, " "));
    case "lower":
      return present((text) => text.toLowerCase());
    case "upper":
      return present((text) => text.toUpperCase());
    case "title":
      return present(title);
    case "slug":
      return present(slug);
    case "digits":
      return present((text) => text.replace(/\D/gu, ""));
    case "replace": {
      const pattern = regularExpression(transform.pattern, column.name, "gu");
      return present((text) => text.replace(pattern, transform.with));
    }
    case "prefix":
      return present((text) => transform.text + text);
    case "suffix":
      return present((text) => text + transform.text);
    case "split":
      return present((text) => text.split(transform.by).at(transform.index) ?? null);
    case "default":
      return (value) => value ?? transform.value;
    case "map":
      return mapStep(transform.values, problemOf);
    case "number":
      return converted("numeric", rule, problemOf);
    case "date":
      return converted(temporalType(rule, column), rule, problemOf);
    case "boolean":
      return converted("boolean", rule, problemOf);
    case "json":
      return converted("json", rule, problemOf);
  }
}

function present(change: (text: string) => Value): Step {
  return (value) => value === null ? null : change(value);
}

function converted(
  type: ValueType,
  notation: Notation,
  problemOf: ProblemOf,
): Step {
  const program = valueProgram(type, notation, NO_BOUNDS);
  const problem = problemOf("type", program.expectation);
  return present((text) => program.parse(text) ?? problem);
}

/** What `date` reads: a date, unless the column or the format has a time of day. */
function temporalType(rule: ColumnRule, column: TableColumn): ValueType {
  const type = rule.type ?? catalogType(column);
  if (type === "time" || type === "timestamp") return type;
  return rule.format.some((format) => /[Hh]/u.test(format)) ? "timestamp" : "date";
}

/** Each word's first letter in upper case, the others in lower; an apostrophe doesn't end a word. */
function title(text: string): string {
  return text.toLowerCase().replace(
    /(?<![\p{L}\p{N}'’\p{M}])\p{L}/gu,
    (letter) => letter.toUpperCase(),
  );
}

/** `Crème Brûlée!` → `creme-brulee`: letters and digits of any script, accents dropped. */
function slug(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/gu, "");
}
