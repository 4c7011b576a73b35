/** The steps between a field's text and the text that its type judges. */
import { hasTime } from "../importer/date_format.ts";
import type { ColumnRule, Transform, ValueType } from "../importer/definition.ts";
import type { TableColumn } from "../load/catalog/table.ts";
import { type ByteForm, byteStep } from "./byte_rule.ts";
import { compilePattern, oneOf, tooSlow } from "./compile_checks.ts";
import { Pattern, PatternTooSlow } from "../pattern/pattern.ts";
import { type ProblemOf, ValueProblem } from "./value_problem.ts";
import type { Value, ValueStep } from "./step.ts";
import { catalogType, type Notation, valueProgram } from "./types/value_type.ts";

/** The text is not in the `map`. A default may replace it. */
export class NotInMap extends ValueProblem {}

/** `map`: takes exactly these texts; the result for a text may be null. */
export function mapStep(
  values: Readonly<Record<string, string | null>>,
  problemOf: ProblemOf,
): ValueStep {
  const known = new Map(Object.entries(values));
  const { code, message } = problemOf("one_of", oneOf([...known.keys()]));
  const unknown = new NotInMap(code, message);
  return onText((text) => {
    const found = known.get(text);
    return found === undefined ? unknown : found;
  }, null);
}

/**
 * Throws DefinitionMismatch for a bad regular expression. `concat` is left out: it takes several
 * values.
 */
export function transformStep(
  transform: Exclude<Transform, { op: "concat" }>,
  rule: ColumnRule,
  column: TableColumn,
  problemOf: ProblemOf,
): ValueStep {
  switch (transform.op) {
    case "trim":
      return onText((text) => text.trim(), byteStep({ op: "trim" }));
    case "squish":
      return onText((text) => text.trim().replace(/\s+/gu, " "), byteStep({ op: "squish" }));
    case "lower":
      return onText((text) => text.toLowerCase(), byteStep({ op: "lower" }));
    case "upper":
      return onText((text) => text.toUpperCase(), byteStep({ op: "upper" }));
    case "title":
      return onText(title, byteStep({ op: "title" }));
    case "slug":
      return onText(slug, byteStep({ op: "slug" }));
    case "digits":
      return onText((text) => text.replace(/\D/gu, ""), replacing(new Pattern("\\D"), ""));
    case "replace": {
      const pattern = compilePattern(transform.pattern, column.name);
      const slow = tooSlow(column.name);
      return onText((text) => {
        try {
          return pattern.replace(text, transform.with);
        } catch (error) {
          if (error instanceof PatternTooSlow) return slow;
          throw error;
        }
      }, replacing(pattern, transform.with));
    }
    case "prefix":
      return onText((text) => transform.text + text, byteStep(transform));
    case "suffix":
      return onText((text) => text + transform.text, byteStep(transform));
    case "split":
      return onText(
        (text) => text.split(transform.by).at(transform.index) ?? null,
        // Without a separator, each character is a part.
        transform.by === "" ? null : byteStep(transform),
      );
    case "default":
      return {
        text: (value) => value ?? transform.value,
        bytes: byteStep({ op: "if_null", text: transform.value }),
      };
    case "map":
      return mapStep(transform.values, problemOf);
    case "number":
      return converted("numeric", rule, column, problemOf);
    case "date":
      return converted(temporalType(rule, column), rule, column, problemOf);
    case "boolean":
      return converted("boolean", rule, column, problemOf);
    case "json":
      return converted("json", rule, column, problemOf);
  }
}

/** Both forms of a step that leaves null as it is. */
function onText(change: (text: string) => Value, bytes: ByteForm | null): ValueStep {
  return { text: (value) => value === null ? null : change(value), bytes };
}

function replacing(pattern: Pattern, by: string): ByteForm | null {
  const replacement = pattern.replacement(by);
  return replacement && byteStep({ op: "replace", ...replacement });
}

function converted(
  type: ValueType,
  notation: Notation,
  column: TableColumn,
  problemOf: ProblemOf,
): ValueStep {
  const program = valueProgram(type, notation, column);
  const problem = problemOf("type", program.expectation);
  const { bytes: value } = program;
  return onText(
    (text) => program.parse(text) ?? problem,
    value === null ? null : byteStep({ op: "convert", value }),
  );
}

/** The type that `date` reads: a date, unless the column or the format has a time of day. */
function temporalType(rule: ColumnRule, column: TableColumn): ValueType {
  const type = rule.type ?? catalogType(column);
  if (type === "time" || type === "timestamp") return type;
  return rule.format.some(hasTime) ? "timestamp" : "date";
}

/** Makes each word's first letter upper case, the others lower. An apostrophe ends no word. */
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
