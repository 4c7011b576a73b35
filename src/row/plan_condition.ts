/** When a column is filled, and what it is in all other rows. */
import type { ColumnRule } from "../importer/definition.ts";
import type { NullWords } from "./clean.ts";
import type { ColumnPlan, PipelineContext } from "./column_plan.ts";
import { compileCondition } from "./compile_condition.ts";
import { fieldReader } from "./prepare.ts";

/**
 * In other rows, the column is as if the file had no value for it: its `default`, the table's DEFAULT or
 * NULL. `mustHave`: the table needs a value in every row. Throws as `compileCondition` does.
 */
export function planCondition(
  target: string,
  rule: ColumnRule,
  mustHave: boolean,
  header: readonly string[],
  nulls: NullWords,
  context: PipelineContext,
): Pick<ColumnPlan, "condition" | "unfilled"> {
  const { when = null } = rule;
  if (when === null) return {};
  return {
    condition: compileCondition(when, header, fieldReader(nulls, context), target),
    unfilled: {
      fields: [],
      required: mustHave,
      rule: { ...rule, value: null, required: false },
    },
  };
}
