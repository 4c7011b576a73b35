/** A measured candidate in words: the lines of the definition as they would be. */
import {
  type DefinitionEdit,
  inlineYaml,
  type Json,
  pathOf,
} from "../../../importer/document/definition_edit.ts";
import type { Definition } from "../../../importer/definition.ts";
import { writtenTransform } from "../../../importer/document/written.ts";
import type { Suggested } from "../../../report/suggestion_schema.ts";
import type { Candidate } from "./candidate.ts";
import type { GoodRows } from "./good_rows.ts";
import type { CellFixes } from "./fixes.ts";
import type { Measured } from "./measure.ts";

export function describe(
  number: number,
  definition: Definition,
  { column, edits, table, note }: Candidate,
  measured: Measured,
  good: GoodRows | null,
  excludes: readonly number[],
  cells: CellFixes | null,
): Suggested {
  const isSafe = edits.every((edit) => onlyAdds(edit, definition));
  return {
    number,
    column,
    definition: edits.map((edit) => lineOf(edit, definition)),
    statement: table?.statement ?? null,
    of: measured.of,
    values: measured.values,
    rows: measured.rows,
    ambiguous: measured.ambiguous,
    ambiguous_rows: measured.ambiguousRows,
    excludes,
    good_rows: good,
    cells,
    notes: [
      ...(note === undefined ? [] : [note]),
      ...(good === null && !isSafe
        ? ["rows that are right already may be read differently: the file is not there to look"]
        : []),
    ],
  };
}

/** Can it change nothing that was taken before? */
function onlyAdds({ at, change }: DefinitionEdit, { columns }: Definition): boolean {
  if ("source" in at) return false;
  if (
    ["max_length", "min_length", "min", "max", "required", "empty", "accept", "map"].includes(
      at.key,
    )
  ) {
    return true;
  }
  return at.key === "format" && "append" in change &&
    (columns?.[at.column]?.format.length ?? 0) > 0;
}

/** The line of the definition as it is then: `format: [yyyy-MM-dd, dd/MM/yyyy]`. */
function lineOf(edit: DefinitionEdit, definition: Definition): string {
  const path = pathOf(edit);
  const key = path[path.length - 1];
  const { at, change } = edit;
  if ("set" in change) return named(at, key, change.set);
  if ("add" in change) return named(at, key, { ...known(edit, definition), ...change.add });
  const all = [...list(edit, definition), ...change.append];
  return named(at, key, all.length === 1 && key === "format" ? all[0] : all);
}

function named(at: DefinitionEdit["at"], key: string, value: Json): string {
  const text = `${key}: ${inlineYaml(value)}`;
  return "source" in at ? `source: { ${text} }` : text;
}

function known({ at }: DefinitionEdit, { columns }: Definition): Record<string, Json> {
  return "source" in at ? {} : { ...columns?.[at.column]?.map };
}

/** What the list has already, as a definition's file says it. */
function list({ at }: DefinitionEdit, { source, columns }: Definition): readonly Json[] {
  if ("source" in at) {
    return source.null_values.length === 1 && source.null_values[0] === ""
      ? []
      : source.null_values;
  }
  const rule = columns?.[at.column];
  if (rule === undefined) return [];
  switch (at.key) {
    case "format":
      return rule.format;
    case "accept":
      return rule.accept ?? [];
    case "true":
      return rule.true ?? [];
    case "false":
      return rule.false ?? [];
    case "transform":
      return rule.transform.map(writtenTransform);
    default:
      return [];
  }
}
