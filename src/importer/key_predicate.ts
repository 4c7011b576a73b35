/**
 * A key may be unique among some of the table's rows only, such as those that are not deleted. Then
 * the definition names the condition of the unique index that says so.
 */
import type { Table, UniqueIndex } from "../load/catalog/table.ts";
import { describe } from "./problem.ts";

/** The index's own condition, in Postgres's words, or a sentence that says why there is none. */
export function keyPredicate(
  table: Table,
  key: readonly string[],
  where: string,
): { readonly predicate: string } | { readonly sentence: string } {
  const partial = partialIndexes(table, key);
  const found = partial.find(({ predicate }) => isSameCondition(predicate, where));
  if (found !== undefined) return found;
  const columns = key.join(", ");
  const known = partial.map(({ predicate }) => predicate);
  return {
    sentence: known.length === 0
      ? `${table.schema}.${table.name} has no unique index on ${columns} with a condition; ` +
        `create unique index on ${table.schema}.${table.name} (${columns}) where ${where}`
      : `no unique index on ${columns} has the condition ${describe(where)}; ` +
        `there is ${known.join(" and ")}`,
  };
}

/** The condition of the only unique index on the key, if that has one. */
export function onlyPredicate(table: Table, key: readonly string[]): string | null {
  const isOfKey = ({ columns }: UniqueIndex) =>
    columns !== null && columns.every((name) => key.includes(name));
  if (table.uniqueIndexes.some((index) => isOfKey(index) && !index.partial)) return null;
  return partialIndexes(table, key).at(0)?.predicate ?? null;
}

function partialIndexes(
  { uniqueIndexes }: Table,
  key: readonly string[],
): readonly { readonly predicate: string }[] {
  return uniqueIndexes.flatMap(({ columns, predicate }) =>
    predicate !== null && columns?.length === key.length &&
      columns.every((name) => key.includes(name))
      ? [{ predicate }]
      : []
  );
}

/**
 * Whether two conditions are the same but for what Postgres changes when it stores one: case,
 * parentheses, casts of constants, and the words for some operators. If it says no by mistake, the
 * message shows Postgres's words. The statements use the index's own condition in any case.
 */
export function isSameCondition(one: string, other: string): boolean {
  return normalised(one) === normalised(other);
}

/** Texts and quoted names, casts, names and numbers, operators. */
const TOKEN =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|::\s*(?:"(?:[^"]|"")*"|[\w.]+)(?:\s+(?:varying|precision|with(?:out)? time zone))?(?:\s*\(\d+(?:,\s*\d+)?\))?(?:\[\])*|[\p{L}\p{N}_$]+(?:\.\d+)?|[<>=!~+*/%^&|#@?-]+|[^\s]/gu;

/** As Postgres writes them. */
const OPERATORS: ReadonlyMap<string, string> = new Map([
  ["!=", "<>"],
  ["like", "~~"],
  ["ilike", "~~*"],
]);

function normalised(condition: string): string {
  const tokens = (condition.match(TOKEN) ?? []).flatMap((token) => {
    if (token.startsWith("::") || /^[()[\];]$/u.test(token)) return [];
    if (token.startsWith("'")) return [token];
    // A name needs no quotes if it is in lower case.
    if (/^"[a-z_][a-z0-9_$]*"$/u.test(token)) return [token.slice(1, -1)];
    if (token.startsWith('"')) return [token];
    const word = token.toLowerCase();
    return [OPERATORS.get(word) ?? word];
  });
  return tokens.join(" ").replaceAll("= any array", "in").replaceAll("<> all array", "not in")
    .replaceAll(/\bnot (~~\*?)/gu, "!$1")
    .replaceAll(/(\S+) between (\S+) and (\S+)/gu, "$1 >= $2 and $1 <= $3");
}
