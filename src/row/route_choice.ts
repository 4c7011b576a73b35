/** Which of several tables a row goes into. */
import type { Definition } from "../importer/definition.ts";
import { displayText } from "../source/display_text.ts";
import type { RecordCursor } from "../source/record.ts";
import type { PipelineContext } from "./column_plan.ts";
import { nullWordsFor } from "./compile.ts";
import { compileCondition } from "./compile_condition.ts";
import { cutValue, type RowError } from "./outcome.ts";
import { fieldReader } from "./prepare.ts";

export interface RouteChoice {
  /** The fields of a record that decide. */
  readonly fields: readonly number[];
  /** The table's place in the definition. Null if none takes the row; why is added to `errors`. */
  of(record: RecordCursor, errors: RowError[]): number | null;
}

/** Throws as `compileCondition` does. */
export function compileChoice(
  { source, tables = [] }: Definition,
  header: readonly string[],
  context: PipelineContext,
): RouteChoice {
  const text = fieldReader(nullWordsFor(source, context), context);
  const conditions = tables.map(({ when, table }) =>
    when === null ? null : compileCondition(when, header, text, `the table ${table}`)
  );
  const fields = [...new Set(conditions.flatMap((condition) => condition?.fields ?? []))];
  return {
    fields,
    of(record, errors) {
      for (const [route, condition] of conditions.entries()) {
        const holds = condition === null || condition.holds(record, errors);
        // A later table must not take a row that perhaps belongs into this one.
        if (holds !== false) return holds === null ? null : route;
      }
      // If one column decides, its value is what people look for.
      const value = fields.length === 1 && fields[0] < record.fieldCount
        ? cutValue(displayText(record.text(fields[0])))
        : null;
      errors.push({ code: "no_table", message: NO_TABLE, column: null, value });
      return null;
    },
  };
}

const NO_TABLE = "No table takes this row: the condition of none holds.";
