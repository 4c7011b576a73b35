import type { SentChildren } from "../../hooks/messages.ts";
import type { Definition, NestedRule } from "../../importer/definition.ts";
import type { ColumnProgram } from "../../row/pipeline.ts";
import { parsePath } from "../../source/json/path_notation.ts";

/** Which fields of a row are lists of objects that become other rows, and what is read of these. */
export function childrenOf(
  { nested }: Definition,
  programs: readonly ColumnProgram[],
): readonly SentChildren[] {
  return programs.flatMap(({ children, fields: [field] }) => {
    const rule = children && nested?.find(({ from }) => from === children.label);
    return rule === undefined ? [] : [{ field, reads: readKeys(rule) }];
  });
}

/** By key; what is below `true` is read as a whole. */
interface Keys {
  [key: string]: Keys | true;
}

/** What a definition reads of each of the objects in a list. */
export function readKeys({ columns, nested }: NestedRule): Keys {
  const reads: Keys = Object.create(null);
  for (const { from } of Object.values(columns)) {
    for (const name of from) add(reads, pathOf(name), true);
  }
  for (const rule of nested) add(reads, pathOf(rule.from), readKeys(rule));
  return reads;
}

/** A place in a list ends it: all of the list is read. */
function pathOf(name: string): readonly string[] {
  const path = parsePath(name.trim()) ?? [name];
  const place = path.findIndex((part) => typeof part === "number");
  return path.slice(0, place === -1 ? path.length : place).map(String);
}

function add(reads: Keys, [key, ...rest]: readonly string[], within: Keys | true): void {
  if (key === undefined || reads[key] === true) return;
  const own = reads[key] ?? Object.create(null) as Keys;
  if (rest.length > 0) add(own, rest, within);
  else if (within === true) reads[key] = true;
  else reads[key] = { ...own, ...within };
  reads[key] ??= own;
}
