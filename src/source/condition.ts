/** Whether a condition of a definition holds for a row. It compares the texts of fields. */
import { type Condition, partsOf, type Test } from "../importer/condition/condition.ts";
import { type Pattern, PatternTooSlow } from "../pattern/pattern.ts";

/** Where a condition finds what it compares. */
export interface Fields<Row> {
  /** The field that is called by one of these names. */
  fieldOf(names: readonly string[]): number;
  /** A field's text; null if it has no value. */
  text(row: Row, field: number): string | null;
  /** A regular expression for the texts of a field. */
  pattern(source: string, field: number): Pattern;
}

/** A field whose text can't be compared with a pattern in bounded time. */
export class SlowField extends Error {
  constructor(readonly field: number) {
    super("A pattern takes too long");
  }
}

/** Throws what `fields` throw. What it returns throws SlowField. */
export function compileCondition<Row>(
  condition: Condition,
  fields: Fields<Row>,
): (row: Row) => boolean {
  if ("column" in condition) {
    const field = fields.fieldOf(condition.column);
    const test = compileTest(condition, field, fields);
    return (row) => test(fields.text(row, field));
  }
  const parts = partsOf(condition).map((part) => compileCondition(part, fields));
  if ("all" in condition) return (row) => parts.every((holds) => holds(row));
  if ("any" in condition) return (row) => parts.some((holds) => holds(row));
  return (row) => !parts.some((holds) => holds(row));
}

function compileTest<Row>(
  test: Test,
  field: number,
  fields: Fields<Row>,
): (text: string | null) => boolean {
  if ("present" in test) return (text) => (text !== null && text !== "") === test.present;
  if ("matches" in test) {
    const pattern = fields.pattern(test.matches, field);
    return (text) => {
      try {
        return text !== null && pattern.test(text);
      } catch (error) {
        throw error instanceof PatternTooSlow ? new SlowField(field) : error;
      }
    };
  }
  const [texts, isOne] = "not" in test ? [test.not, false] : [test.one_of, true];
  const folded = (text: string) => test.ignore_case ? text.toLowerCase() : text;
  const known = new Set(texts.map(folded));
  return (text) => (text !== null && known.has(folded(text))) === isOne;
}
