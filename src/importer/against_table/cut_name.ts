/**
 * Postgres cuts the names of columns at 63 bytes. So a long name in a file or a definition may mean
 * a column whose name is only its beginning.
 */
import type { Definition } from "../definition.ts";
import { normaliseName } from "../key.ts";

const MAX_BYTES = 63;

const bytesOf = (text: string) => new TextEncoder().encode(text).length;

/**
 * Can the column's name be the beginning of a longer one? Nearly all names are shorter. Ask this first
 * where each column is compared with each name: a table may have 1,600 columns.
 */
export function mayBeCut(column: string): boolean {
  // A character has at most four bytes, and a UTF-16 unit at most three.
  const [least, most] = [MAX_BYTES - 3, 3 * column.length];
  return most >= least && bytesOf(column) >= least;
}

/**
 * Whether Postgres would cut `name` to `column`, at the end of a character. As for whole names, case,
 * spaces, `_` and `-` don't matter.
 */
export function isCutName(column: string, name: string): boolean {
  if (!mayBeCut(column)) return false;
  const [beginning, whole] = [normaliseName(column), normaliseName(name)];
  if (beginning === "" || beginning === whole || !whole.startsWith(beginning)) return false;
  const [next] = whole.slice(beginning.length);
  return bytesOf(column) + bytesOf(next) > MAX_BYTES;
}

/** The one whose name is the wanted one, or else the only one whose name it is cut to. */
export function findNamed<Named extends { readonly name: string }>(
  all: readonly Named[],
  wanted: string,
): Named | undefined {
  const name = normaliseName(wanted);
  const whole = all.find((each) => normaliseName(each.name) === name);
  if (whole !== undefined) return whole;
  const cut = all.filter((each) => isCutName(each.name, wanted));
  return cut.length === 1 ? cut[0] : undefined;
}

/** The same definition with its target columns named as they are in the table. */
export function withCutNames(
  definition: Definition,
  table: { readonly columns: readonly { readonly name: string }[] },
): Definition {
  const { columns, key, compare } = definition;
  const names = new Set(table.columns.map(({ name }) => name));
  const targets = Object.keys(columns ?? {});
  const renamed = new Map<string, string>();
  const cut = (target: string) => {
    if (names.has(target)) return target;
    const found = table.columns.find(({ name }) => isCutName(name, target))?.name;
    return found ?? target;
  };
  for (const target of targets) {
    const name = cut(target);
    // If two targets mean one column, both keep their names, and neither exists.
    const isTaken = targets.some((other) => other !== target && cut(other) === name);
    if (name !== target && !isTaken) renamed.set(target, name);
  }
  const comparedTo = compare === null ? null : cut(compare.target);
  if (renamed.size === 0 && comparedTo === (compare?.target ?? null)) return definition;
  const rename = (target: string) => renamed.get(target) ?? target;
  return {
    ...definition,
    key: key.map(rename),
    compare: compare && { ...compare, target: cut(compare.target) },
    columns: columns && Object.fromEntries(
      Object.entries(columns).map(([target, rule]) => [rename(target), rule]),
    ),
  };
}
