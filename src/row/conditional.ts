/** A column that is filled only in rows for which a condition holds. */
import type { CompiledCondition } from "./compile_condition.ts";
import type { ColumnProgram } from "./pipeline.ts";

/**
 * `filled` writes the column in rows for which the condition holds, `otherwise` in the others. The kernel
 * doesn't know conditions, so it asks for each value; but it recalls what came of the same fields.
 */
export function conditional(
  { fields, holds }: CompiledCondition,
  filled: ColumnProgram,
  otherwise: ColumnProgram,
): ColumnProgram {
  const { lookup, ...column } = filled;
  const unfilled = otherwise.lookup;
  return {
    ...column,
    bytes: null,
    alsoReads: fields,
    write(record, out, errors) {
      const isFilled = holds(record, errors);
      // The error is written down, and nothing of the row will be kept.
      if (isFilled === null) return out.null();
      (isFilled ? filled : otherwise).write(record, out, errors);
    },
    ...(lookup !== undefined && unfilled !== undefined) && {
      lookup: {
        ...lookup,
        read(record, errors) {
          const isFilled = holds(record, errors);
          if (isFilled === null) return null;
          return (isFilled ? lookup : unfilled).read(record, errors);
        },
      },
    },
  };
}
