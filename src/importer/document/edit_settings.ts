/**
 * Writes into a definition's text what somebody has settled for a file: how it is read, and which of
 * its columns fill which of the table.
 */
import type { ColumnMapping } from "../column_mapping.ts";
import type { Definition } from "../definition.ts";
import type { Json } from "./definition_edit.ts";
import { applySteps, at, isMapping } from "./edit_document.ts";
import { NotEditable, type Step } from "./splice_document.ts";

export interface FileSettings {
  /** Keys of `source`, as a definition writes them. */
  readonly source: Readonly<Record<string, Json>>;
  /** Columns that it doesn't name stay as they are. */
  readonly columns: ColumnMapping;
}

/** `definition`: what the text says. Throws NotEditable. */
export function editSettings(
  text: string,
  file: string,
  definition: Definition,
  { source, columns }: FileSettings,
): string {
  return applySteps(text, file, [
    ...Object.entries(source).map(([key, set]) => (now: unknown) =>
      setIn(now, ["source"], key, set)
    ),
    ...Object.entries(columns).map(([column, from]) => (now: unknown) =>
      from === null ? leaveOut(now, definition, column) : fill(now, definition, column, from)
    ),
  ]);
}

function setIn(
  document: unknown,
  path: readonly string[],
  key: string,
  set: Json,
): readonly Step[] {
  return isMapping(at(document, path))
    ? [{ path: [...path, key], set }]
    : [{ path, set: { [key]: set } }];
}

/** Names that were there stay as aliases: files that have them are still read. */
function fill(
  document: unknown,
  { columns, key }: Definition,
  column: string,
  from: string,
): readonly Step[] {
  const rule = columns !== null && Object.hasOwn(columns, column) ? columns[column] : null;
  if (rule === null) {
    const first = setIn(document, ["columns"], column, from);
    if (columns !== null || at(document, ["columns"]) !== undefined) return first;
    return [
      ...first,
      // Otherwise, columns that are not listed would no longer be filled, and a key has to be one.
      ...key.filter((name) => name !== column)
        .map((name): Step => ({ path: ["columns", name], set: {} })),
      ...setIn(document, ["options"], "unmapped", "auto"),
    ];
  }
  if (rule.value !== null) {
    throw new NotEditable(`it gives ${column} the same value in every row`);
  }
  const names = rule.concat === null
    ? [from, ...rule.from.filter((name) => name !== from)]
    : [from];
  const set = names.length === 1 ? from : names;
  return isMapping(at(document, ["columns", column]))
    ? [{ path: ["columns", column, "from"], set }]
    : [{ path: ["columns", column], set: Array.isArray(set) ? { from: set } : set }];
}

function leaveOut(
  document: unknown,
  { columns, options }: Definition,
  column: string,
): readonly Step[] {
  if (columns === null || options.unmapped === "auto") {
    throw new NotEditable(`it fills columns by their names, and so it can't leave ${column} out`);
  }
  return at(document, ["columns", column]) === undefined
    ? []
    : [{ path: ["columns", column], remove: true }];
}
