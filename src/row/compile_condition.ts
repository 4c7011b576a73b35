/** Compiles a condition on a row of the file. It compares texts: cleaned, and as the file has them. */
import { type Condition, namesIn, partsOf, type Test } from "../importer/condition/condition.ts";
import { PatternTooSlow } from "../pattern/pattern.ts";
import { displayText } from "../source/display_text.ts";
import type { RecordCursor } from "../source/record.ts";
import { compilePattern, tooSlow } from "./compile_checks.ts";
import { findAlias, listed, quotedList, suggesting } from "./header_names.ts";
import { HeaderMismatch } from "./mismatch.ts";
import type { RowError } from "./outcome.ts";
import { cutValue } from "./outcome.ts";

export interface CompiledCondition {
  /** The fields of a record that it reads. */
  readonly fields: readonly number[];
  /** Does it hold? Null if that can't be told; the reason is added to `errors`. */
  holds(record: RecordCursor, errors: RowError[]): boolean | null;
}

/** A field's text; null if it has no value. */
export type FieldText = (record: RecordCursor, field: number) => string | null;

/**
 * `of`: for whom the condition is, such as a column of the table: in messages. Throws HeaderMismatch if
 * the file lacks a column, and DefinitionMismatch.
 */
export function compileCondition(
  condition: Condition,
  header: readonly string[],
  read: FieldText,
  of: string,
): CompiledCondition {
  const test = compile(condition, header, read, of);
  return {
    fields: conditionFields(condition, header, of),
    holds(record, errors) {
      try {
        return test(record);
      } catch (error) {
        if (!(error instanceof SlowValue)) throw error;
        errors.push(error.rowError);
        return null;
      }
    },
  };
}

/** Throws HeaderMismatch. */
export function conditionFields(
  condition: Condition,
  header: readonly string[],
  of: string,
): readonly number[] {
  return [...new Set(namesIn(condition).map((names) => fieldOf(names, header, of)))];
}

function fieldOf(names: readonly string[], header: readonly string[], of: string): number {
  const field = findAlias(header, names);
  if (field >= 0) return field;
  throw new HeaderMismatch(
    `The file has no column ${quotedList(names)} for the condition of ${of}; ` +
      `it has ${listed(header)}${suggesting(names, header)}`,
  );
}

type Holds = (record: RecordCursor) => boolean;

function compile(
  condition: Condition,
  header: readonly string[],
  read: FieldText,
  of: string,
): Holds {
  if ("column" in condition) {
    const field = fieldOf(condition.column, header, of);
    const test = compileTest(condition, header[field]);
    return (record) => test(read(record, field), record, field);
  }
  const parts = partsOf(condition).map((part) => compile(part, header, read, of));
  if ("all" in condition) return (record) => parts.every((holds) => holds(record));
  if ("any" in condition) return (record) => parts.some((holds) => holds(record));
  return (record) => !parts.some((holds) => holds(record));
}

type TextTest = (text: string | null, record: RecordCursor, field: number) => boolean;

function compileTest(test: Test, name: string): TextTest {
  if ("present" in test) return (text) => (text !== null && text !== "") === test.present;
  if ("matches" in test) {
    const pattern = compilePattern(test.matches, name);
    return (text, record, field) => {
      if (text === null) return false;
      try {
        return pattern.test(text);
      } catch (error) {
        if (!(error instanceof PatternTooSlow)) throw error;
        throw new SlowValue(name, record.text(field));
      }
    };
  }
  const [texts, isOne] = "not" in test ? [test.not, false] : [test.one_of, true];
  const folded = (text: string) => test.ignore_case ? text.toLowerCase() : text;
  const known = new Set(texts.map(folded));
  return (text) => (text !== null && known.has(folded(text))) === isOne;
}

/** A value that the pattern can't be compared with in bounded time. Its row fails. */
class SlowValue extends Error {
  readonly rowError: RowError;

  constructor(name: string, value: string) {
    super("The pattern takes too long");
    const { code, message } = tooSlow(name);
    this.rowError = { code, message, column: null, value: cutValue(displayText(value)) };
  }
}
