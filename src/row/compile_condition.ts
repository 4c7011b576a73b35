/** Compiles a condition on the rows of a file with this header. */
import { type Condition, namesIn } from "../importer/condition/condition.ts";
import { compileCondition as compileFor, SlowField } from "../source/condition.ts";
import { displayText } from "../source/display_text.ts";
import type { RecordCursor } from "../source/record.ts";
import { compilePattern, tooSlow } from "./compile_checks.ts";
import { findAlias, listed, quotedList, suggesting } from "./header_names.ts";
import { HeaderMismatch } from "./mismatch.ts";
import { cutValue, type RowError } from "./outcome.ts";

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
  text: FieldText,
  of: string,
): CompiledCondition {
  const test = compileFor<RecordCursor>(condition, {
    fieldOf: (names) => fieldOf(names, header, of),
    text,
    pattern: (source, field) => compilePattern(source, header[field]),
  });
  return {
    fields: conditionFields(condition, header, of),
    holds(record, errors) {
      try {
        return test(record);
      } catch (error) {
        if (!(error instanceof SlowField)) throw error;
        const { field } = error;
        const { code, message } = tooSlow(header[field]);
        const value = cutValue(displayText(record.text(field)));
        errors.push({ code, message, column: null, value });
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
